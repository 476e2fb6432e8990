/** The fuzzer itself: that it finds what is wrong, and outlives it. */
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { FuzzRunner } from './harness/fuzz-runner.ts';

const runner = new FuzzRunner({ targets: join(import.meta.dirname, 'harness/faulty-targets.ts'), hangMs: 2000 });
afterAll(() => runner.end());

it.each([
  ['hangs', 'hang', /^\d*[38]$/],
  ['crashes', 'crash', /^501$/],
  ['says nothing', 'useless error', /^0$/],
  ['breaks a promise', 'broken promise', /^10$/],
])('finds a reader that %s, and a small input', { timeout: 120_000 }, async (name, kind, input) => {
  const { faults } = await runner.try(name, { seed: 1, runs: 100 });
  expect(faults).toMatchObject([{ kind, input: expect.stringMatching(input) as string }]);
});

it('has nothing to say of errors that help', { timeout: 120_000 }, async () => {
  expect(await runner.try('is right', { seed: 1, runs: 100 })).toMatchObject({ faults: [], runs: 100 });
});
