import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CheckpointFiles } from '../../../../src/engine/checkpoint/checkpoint-files.ts';
import { convertCheckpoint, type ConvertOptions } from '../../../../src/engine/convert/convert.ts';
import { MANIFEST_FILE } from '../../../../src/engine/convert/file-names.ts';
import { readManifest } from '../../../../src/engine/convert/read-manifest.ts';
import { openConverted } from '../../../../src/engine/convert/open-converted.ts';
import { openNodeRuntime } from '../../../../src/engine/device/runtime.node.ts';
import type { ByteSource } from '../../../../src/formats/bytes/byte-source.ts';
import { readSafetensorsHeader } from '../../../../src/formats/bytes/safetensors.ts';
import { goldenFiles } from '../../../support/checkpoint-fixtures.ts';
import { Crash, CrashingFolder } from '../../../support/crashing-folder.ts';

/** So small that every matrix is several chunks, parts and files. */
const limits = { chunkBytes: 1500, partWeights: 700, fileBytes: 20_000 };
const VARIANTS: readonly (ConvertOptions & { readonly golden: string; readonly hashed: boolean })[] = [
  { golden: 'olmo3-bf16-sharded', precision: 'q4', limits, hashed: true },
  { golden: 'olmo3-gqa-tied', precision: 'int8', limits, hashed: true },
  { golden: 'olmo1', precision: 'float16', limits, hashed: false },
];

/** The files, with the digests that a source would know. */
async function withDigests(files: CheckpointFiles, names: readonly string[]): Promise<CheckpointFiles> {
  const digests = new Map<string, string>();
  for (const name of names) {
    const source = await files.open(name);
    if (source === null) continue;
    digests.set(
      name,
      createHash('sha256')
        .update(await source.slice(0, source.byteLength))
        .digest('hex'),
    );
  }
  return { ...files, sha256Of: (file) => digests.get(file) ?? null };
}

const shardNames = (golden: string): string[] =>
  golden === 'olmo3-bf16-sharded' ? [1, 2, 3].map((n) => `model-0000${n}-of-00003.safetensors`) : ['model.safetensors'];

/** Counts what is read of the weights: [file, start, end]. */
function watched(files: CheckpointFiles, reads: [string, number, number][]): CheckpointFiles {
  return {
    ...files,
    open: async (file) => {
      const source = await files.open(file);
      if (source === null || !file.endsWith('.safetensors')) return source;
      const slice: ByteSource['slice'] = (start, end) => {
        reads.push([file, start, end]);
        return source.slice(start, end);
      };
      return { ...source, slice };
    },
  };
}

function expectSame(actual: CrashingFolder, expected: CrashingFolder): void {
  expect([...actual.files.keys()].sort()).toEqual([...expected.files.keys()].sort());
  for (const [file, bytes] of expected.files) {
    expect(Buffer.compare(actual.files.get(file) ?? new Uint8Array(), bytes), file).toBe(0);
  }
}

const TIMEOUT = 60_000; // ms; dozens of conversions, on a machine that may be busy

describe.each(VARIANTS)(
  'a conversion of $golden to $precision',
  { timeout: TIMEOUT },
  ({ golden, hashed, ...options }) => {
    let files: CheckpointFiles;
    const undisturbed = new CrashingFolder();

    beforeAll(async () => {
      files = await goldenFiles(golden);
      if (hashed) files = await withDigests(files, shardNames(golden));
      await convertCheckpoint(files, options, undisturbed);
    });

    it('ends in the same bytes, wherever the machine stopped', async () => {
      const total = undisturbed.operations;
      expect(total).toBeGreaterThan(100);
      for (let crashAt = 0; crashAt < total; crashAt += crashAt < 10 || crashAt > total - 10 ? 1 : 17) {
        const folder = new CrashingFolder();
        folder.crashAt = crashAt;
        await expect(convertCheckpoint(files, options, folder)).rejects.toThrow(Crash);
        folder.restart(crashAt);
        const isModel = (await readManifest(folder)) !== null;
        expect(isModel).toBe(folder.files.has(MANIFEST_FILE));
        if (!isModel) await expect(openConverted(folder, openNodeRuntime(1))).rejects.toThrow('no manifest.json');
        await convertCheckpoint(files, options, folder);
        if (isModel)
          for (const file of folder.files.keys()) if (!undisturbed.files.has(file)) folder.files.delete(file);
        expectSame(folder, undisturbed);
      }
    });

    it('survives a machine that stops again and again', async () => {
      const folder = new CrashingFolder();
      let runs = 0;
      for (let finished = false; !finished; runs++) {
        folder.crashAt = 50 + (runs % 9); // enough for the largest tensor, hardly for two
        finished = await convertCheckpoint(files, options, folder).then(
          () => true,
          (error: unknown) => {
            if (!(error instanceof Crash)) throw error;
            return false;
          },
        );
        if (!finished) folder.restart(runs);
        expect(runs).toBeLessThan(200);
      }
      expect(runs).toBeGreaterThan(2);
      expectSame(folder, undisturbed);
    });

    it('fetches no finished tensor again', async () => {
      const reads: [string, number, number][] = [];
      const folder = new CrashingFolder();
      folder.crashAt = undisturbed.operations / 2;
      await expect(convertCheckpoint(watched(files, reads), options, folder)).rejects.toThrow(Crash);
      const before = reads.splice(0);
      folder.restart(1);
      const journal = JSON.parse(Buffer.from(folder.files.get('journal.json') ?? []).toString()) as { done: number };
      await convertCheckpoint(watched(files, reads), options, folder);
      let index = 0;
      for (const file of shardNames(golden)) {
        const source = await files.open(file);
        if (source === null) throw new Error(file);
        const entries = [...(await readSafetensorsHeader(source)).tensors.values()].sort((a, b) => a.start - b.start);
        for (const { start, end } of entries) {
          const touched = (list: typeof reads): boolean =>
            list.some(([of, from, to]) => of === file && from < end && to > start && to - from !== 4096 && from !== 0);
          if (index < journal.done - 1) expect(touched(before), `${file} ${start}`).toBe(true);
          if (index > 0 && index < journal.done) {
            const sampled = start === entries[0]?.start; // its first bytes are looked at to know the checkpoint again
            if (!sampled) expect(touched(reads), `${file} ${start}`).toBe(false);
          }
          index++;
        }
      }
      expect(journal.done).toBeGreaterThan(3);
      expectSame(folder, undisturbed);
    });

    it('hands a finished model back without reading it again', async () => {
      const reads: [string, number, number][] = [];
      const { operations } = undisturbed;
      const again = await convertCheckpoint(watched(files, reads), options, undisturbed);
      expect(again.sources.map(({ sha256 }) => sha256 !== null)).toEqual(shardNames(golden).map(() => hashed));
      expect(undisturbed.operations).toBe(operations);
      expect(reads.filter(([, start, end]) => start > 8 && end - start > 4096)).toEqual([]);
    });
  },
);
