import { BlobReader, Uint8ArrayWriter, ZipReader, ZipWriter, TextReader, type FileEntry } from '@zip.js/zip.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import { convertCheckpoint } from '../../../../src/engine/convert/convert.ts';
import { copyModel } from '../../../../src/engine/convert/copy-model.ts';
import { openConverted } from '../../../../src/engine/convert/open-converted.ts';
import { openPack, savePack } from '../../../../src/engine/convert/pack.ts';
import { openNodeRuntime } from '../../../../src/engine/device/runtime.node.ts';
import { bytesSource } from '../../../../src/formats/bytes/byte-source.ts';
import { goldenFiles, openModel } from '../../../support/checkpoint-fixtures.ts';
import { CrashingFolder } from '../../../support/crashing-folder.ts';

const GOLDEN = 'olmo3-bf16-sharded';
const runtime = openNodeRuntime(1);
const original = new CrashingFolder();
let pack: Uint8Array;

const bytesOf = async (stream: ReadableStream<Uint8Array>): Promise<Uint8Array> =>
  new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());

const opened = (bytes = pack): ReturnType<typeof openPack> => openPack(bytesSource('model.zip', bytes));

beforeAll(async () => {
  await convertCheckpoint(await goldenFiles(GOLDEN), { precision: 'float32' }, original);
  pack = await bytesOf(await savePack(original));
});

const TIMEOUT = 60_000; // ms; models are converted and opened, on a machine that may be busy

describe('a pack', { timeout: TIMEOUT }, () => {
  it('is a ZIP that holds every file as it is, by the checksums of another reader', async () => {
    const reader = new ZipReader(new BlobReader(new Blob([pack as Uint8Array<ArrayBuffer>])));
    const entries = (await reader.getEntries()) as FileEntry[];
    expect(entries.map(({ filename }) => filename).sort()).toEqual([...original.files.keys()].sort());
    for (const entry of entries) {
      expect(entry.compressionMethod, entry.filename).toBe(0);
      const bytes = await entry.getData(new Uint8ArrayWriter(), { checkSignature: true, useWebWorkers: false });
      expect(Buffer.compare(bytes, original.files.get(entry.filename) ?? new Uint8Array()), entry.filename).toBe(0);
    }
  });

  it('is the same whenever it is saved', async () => {
    expect(Buffer.compare(await bytesOf(await savePack(original)), pack)).toBe(0);
  });

  it('opens where it lies, and computes what the checkpoint does', async () => {
    const request = { ids: [[5, 9, 40, 3]], cache: null, logits: 'all', residuals: [] } as const;
    const [model, exact] = [await openConverted(await opened(), runtime), await openModel(await goldenFiles(GOLDEN))];
    const [actual, expected] = [await model.forward(request), await exact.forward(request)];
    expect(relativeL2(actual.logits ?? new Float32Array(), expected.logits ?? new Float32Array())).toBeLessThan(1e-6);
  });

  it('is copied into a folder byte by byte, and the copy goes on where it was stopped', async () => {
    const folder = new CrashingFolder();
    await folder.put('left.bin', new Uint8Array(3));
    folder.crashAt = 9;
    await expect(copyModel(await opened(), folder)).rejects.toThrow('stopped');
    folder.restart(5);
    await expect(openConverted(folder, runtime)).rejects.toThrow('no manifest.json');
    await copyModel(await opened(), folder);
    expect(new Map(folder.files)).toEqual(new Map(original.files));
  });

  it('is refused where a byte of a weight was changed, opened or copied', async () => {
    const spoilt = pack.slice();
    const at = Buffer.from(spoilt).indexOf(Buffer.from(original.files.get('weights-0.bin')?.subarray(0, 64) ?? []));
    spoilt[at + 500] = (spoilt[at + 500] ?? 0) ^ 4;
    await expect(openConverted(await opened(spoilt), runtime)).rejects.toThrow('weights-0.bin');
    const folder = new CrashingFolder();
    await expect(copyModel(await opened(spoilt), folder)).rejects.toThrow('weights-0.bin');
    await expect(openConverted(folder, runtime)).rejects.toThrow('no manifest.json');
  });

  it.each([10, 1000, 100_000])('is refused where its last %i bytes are missing', async (missing) => {
    await expect(opened(pack.subarray(0, pack.length - missing))).rejects.toMatchObject({ code: 'format' });
  });

  it('is refused where it holds no model, or holds it compressed', async () => {
    const zipped = async (name: string): Promise<Uint8Array> => {
      const writer = new ZipWriter(new Uint8ArrayWriter());
      await writer.add(name, new TextReader('{}'.repeat(500)), { useWebWorkers: false });
      return writer.close();
    };
    await expect(opened(await zipped('readme.txt'))).rejects.toThrow('model.zip');
    await expect(opened(await zipped('manifest.json'))).rejects.toThrow('compressed');
    await expect(savePack(new CrashingFolder())).rejects.toThrow('no manifest.json');
  });
});
