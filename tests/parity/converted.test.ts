/** Converted checkpoints answer as the originals do: in float32 to the goldens, in fewer bits as the same precision from memory. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderFiles } from '../../cli/files/folder.ts';
import { diskModelFolder } from '../../cli/files/model-folder.ts';
import { klDivergence } from '../../src/core/statistics/divergence.ts';
import { convertCheckpoint, type ConvertOptions } from '../../src/engine/convert/convert.ts';
import { openConverted } from '../../src/engine/convert/open-converted.ts';
import { OlmoModel } from '../../src/engine/run/model.ts';
import { openNodeRuntime } from '../../src/engine/device/runtime.node.ts';
import { checkGoldenCase } from './golden-case.ts';
import { CASES, GOLDEN } from './golden-cases.ts';

const runtime = openNodeRuntime(1);
/** Parts and files so small that even these checkpoints are cut up. */
const limits = { partWeights: 900, fileBytes: 40_000, chunkBytes: 4000 };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'harmscope-converted-'));
});

afterAll(() => rm(folder, { recursive: true }));

async function convertedCase(name: string, options: ConvertOptions): Promise<OlmoModel> {
  const store = await diskModelFolder(join(folder, `${name}-${options.precision}`));
  await convertCheckpoint(await filesOf(name), options, store);
  return openConverted(store, runtime);
}

const filesOf = (name: string): ReturnType<typeof folderFiles> => {
  const checkpoint = CASES.find((known) => known.name === name)?.checkpoint ?? null;
  return folderFiles(checkpoint === null ? join(GOLDEN, name) : join(GOLDEN, '../../../public', checkpoint), name);
};

/** Last logits of a few made-up tokens. */
async function logitsOf(model: OlmoModel): Promise<Float32Array> {
  const ids = [[3, 17, 4, 99, 23, 8, 61, 5]];
  const { logits } = await model.forward({ ids, cache: null, logits: 'last', residuals: [] });
  await model.dispose();
  return logits ?? new Float32Array();
}

describe.each(CASES.map(({ name }) => name))('%s, converted', (name) => {
  it('gives the goldens in float32', async () => {
    const files = await filesOf(name);
    const golden = await folderFiles(join(GOLDEN, name));
    const open = (): Promise<OlmoModel> => convertedCase(name, { precision: 'float32', limits });
    const { single, generations } = await checkGoldenCase(
      golden,
      files,
      runtime,
      { generatedTokens: 24, alone: 'all' },
      open,
    );
    expect(single.length).toBeGreaterThan(10);
    for (const { what, relativeL2 } of single) expect(relativeL2, what).toBeLessThan(1e-5); // as unconverted: float32 sums
    for (const { what, ids, golden } of generations) expect(ids, what).toEqual(golden.slice(0, ids.length));
  });

  it.each(['q4', 'q4-mixed', 'q8', 'float16', 'int8'] as const)(
    'is the model in %s that memory holds',
    async (precision) => {
      const stored = await logitsOf(await convertedCase(name, { precision, limits }));
      const inMemory = await logitsOf(await OlmoModel.open(await filesOf(name), runtime, { precision }));
      expect(klDivergence(inMemory, stored)).toBeLessThan(1e-9); // the same bits, summed in parts
    },
  );

  it('differs in q4 with blocks of 64, and is a model too', async () => {
    const wide = await logitsOf(await convertedCase(name, { precision: 'q4', blockSize: 64 }));
    const exact = await logitsOf(await OlmoModel.open(await filesOf(name), runtime, { precision: 'float32' }));
    const divergence = klDivergence(exact, wide);
    expect(divergence).toBeGreaterThan(1e-9);
    expect(divergence).toBeLessThan(0.4);
  });
});
