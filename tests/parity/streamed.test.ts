/** Layer by layer against the whole model at once, on every golden checkpoint. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderFiles } from '../../cli/files/folder.ts';
import { POOLINGS } from '../../src/core/probes/pooling.ts';
import { openNodeRuntime } from '../../src/engine/device/runtime.node.ts';
import { CASES, GOLDEN } from './golden-cases.ts';
import { streamedDeviations } from './streamed-case.ts';

const PUBLIC = join(import.meta.dirname, '../../public');
const TOLERANCE = 1e-6; // the same operators in the same order, in batches of other sizes

describe.each(CASES)('$name, streamed on WASM', ({ name, checkpoint }) => {
  it.each(POOLINGS)('agrees with the resident model: %s', async (pooling) => {
    const files = await folderFiles(checkpoint === null ? join(GOLDEN, name) : join(PUBLIC, checkpoint));
    const deviations = await streamedDeviations(files, openNodeRuntime(1), pooling);
    expect(deviations.filter(({ relativeL2 }) => !(relativeL2 <= TOLERANCE))).toEqual([]);
    expect(deviations.length).toBeGreaterThan(3);
  });
});
