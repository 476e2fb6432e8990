/** The fuzzer in small: the same inputs every time, or others with HARMSCOPE_SEED=random. `npm run fuzz` tries many more. */
import { afterAll, expect, it } from 'vitest';
import { faultLines, FuzzRunner } from './harness/fuzz-runner.ts';
import { TARGET_NAMES } from './target-names.ts';
import { testSeed } from '../support/test-seed.ts';

const RUNS = 150; // inputs for each reader
const TIMEOUT = 120_000; // ms, for a machine that does much else; it takes a tenth of a second
const seed = testSeed(14);

const runner = new FuzzRunner();
afterAll(() => runner.end());

it.each(TARGET_NAMES)('reads or refuses whatever comes: %s', { timeout: TIMEOUT }, async (name) => {
  const report = await runner.try(name, { seed, runs: RUNS });
  expect(faultLines(report, seed).join('\n')).toBe('');
  expect(report.read).toBeGreaterThan(0);
});

it('tries all of them', { timeout: TIMEOUT }, async () => {
  const { TARGETS } = await import('./targets.ts');
  expect(TARGETS.map(({ name }) => name).sort()).toEqual([...TARGET_NAMES].sort());
});
