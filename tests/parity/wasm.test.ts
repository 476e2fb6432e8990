import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderFiles } from '../../cli/folder.ts';
import { openNodeRuntime } from '../../src/engine/runtime.node.ts';
import { checkGoldenCase } from './golden-case.ts';

const GOLDEN = join(import.meta.dirname, '../fixtures/golden');
const TOLERANCE = 1e-5; // float32 against float32 through a few layers; 1e-6 was measured, and 1e-5 is promised
const CASES = readdirSync(GOLDEN, { withFileTypes: true }).filter((entry) => entry.isDirectory());

describe.each(CASES.map(({ name }) => name))('%s on WASM', (name) => {
  it('agrees with transformers, alone and in a batch', async () => {
    const files = await folderFiles(join(GOLDEN, name));
    const report = await checkGoldenCase(files, files, openNodeRuntime(1), 24);
    expect(report.single.filter(({ relativeL2 }) => !(relativeL2 <= TOLERANCE))).toEqual([]);
    expect(report.batched.filter(({ relativeL2 }) => !(relativeL2 <= TOLERANCE))).toEqual([]);
    for (const { what, ids, golden } of report.generations) expect(ids, what).toEqual(golden);
    expect(report.single.length).toBeGreaterThan(10);
  });
});
