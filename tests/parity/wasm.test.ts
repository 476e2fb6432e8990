import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderFiles } from '../../cli/files/folder.ts';
import { openNodeRuntime } from '../../src/engine/device/runtime.node.ts';
import { checkGoldenCase } from './golden-case.ts';
import { CASES, GOLDEN } from './golden-cases.ts';

const PUBLIC = join(import.meta.dirname, '../../public');
const TOLERANCE = 1e-5; // float32 against float32 through a few layers; 1e-6 was measured, and 1e-5 is promised

describe.each(CASES)('$name on WASM', ({ name, checkpoint }) => {
  it('agrees with transformers, alone and in a batch', async () => {
    const golden = await folderFiles(join(GOLDEN, name));
    const weights = checkpoint === null ? golden : await folderFiles(join(PUBLIC, checkpoint));
    const report = await checkGoldenCase(golden, weights, openNodeRuntime(1), { generatedTokens: 24, alone: 'all' });
    expect(report.single.filter(({ relativeL2 }) => !(relativeL2 <= TOLERANCE))).toEqual([]);
    expect(report.batched.filter(({ relativeL2 }) => !(relativeL2 <= TOLERANCE))).toEqual([]);
    for (const { what, ids, golden } of report.generations) expect(ids, what).toEqual(golden);
    expect(report.single.length).toBeGreaterThan(10);
  });
});
