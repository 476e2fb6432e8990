import { TextReader, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { describe, expect, it } from 'vitest';
import {
  openZippedCheckpoint,
  zipKind,
  type ZippedCheckpoint,
} from '../../../../src/engine/checkpoint/zipped-checkpoint.ts';
import { bytesSource, type ByteSource } from '../../../../src/formats/bytes/byte-source.ts';
import { writeSafetensors } from '../../../../src/formats/bytes/safetensors.ts';
import { openModel, madeUpFiles, memoryFiles } from '../../../support/checkpoint-fixtures.ts';

interface ZipOptions {
  readonly level?: number; // 0: stored
  readonly zip64?: boolean;
  readonly password?: string;
}

async function zipped(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: ZipOptions = {},
): Promise<Uint8Array> {
  const zip = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false, level: 6, ...options });
  for (const [path, content] of Object.entries(files)) {
    await zip.add(path, typeof content === 'string' ? new TextReader(content) : new Uint8ArrayReader(content));
  }
  return zip.close();
}

const inFolder = (folder: string): Record<string, string | Uint8Array> =>
  Object.fromEntries(Object.entries(madeUpFiles()).map(([path, content]) => [`${folder}/${path}`, content]));

const opened = (bytes: Uint8Array, inflateLimit?: number): Promise<ZippedCheckpoint> =>
  openZippedCheckpoint(bytesSource('mine.zip', bytes), { ...(inflateLimit !== undefined && { inflateLimit }) });

async function logitsOf(files: Parameters<typeof openModel>[0]): Promise<Float32Array | null> {
  const model = await openModel(files);
  const { logits } = await model.forward({ ids: [[5, 9, 40, 3]], cache: null, logits: 'all', residuals: [] });
  return logits;
}

describe('a checkpoint in a ZIP', () => {
  it.each([
    ['stored', { level: 0 }],
    ['stored, with 64-bit sizes', { level: 0, zip64: true }],
    ['compressed', {}],
  ])('computes what its folder does, %s', async (_, options) => {
    const expected = await logitsOf(memoryFiles(madeUpFiles()));
    expect(await logitsOf(await opened(await zipped(inFolder('mine'), options)))).toEqual(expected);
  });

  it('reads stored weights by range', async () => {
    const bytes = await zipped({ ...inFolder('mine'), 'mine/model.safetensors': new Uint8Array(1e6) }, { level: 0 });
    let read = 0;
    const source: ByteSource = {
      ...bytesSource('mine.zip', bytes),
      slice: (start, end) => ((read += end - start), Promise.resolve(bytes.slice(start, end))),
    };
    const weights = await (await openZippedCheckpoint(source)).open('model.safetensors');
    expect(await weights?.slice(10, 20)).toEqual(new Uint8Array(10));
    expect(weights?.byteLength).toBe(1e6);
    expect(read).toBeLessThan(200_000); // the directory, not the weights
  });

  it('lies at the top or in a folder, with what else a system puts there', async () => {
    const names = Object.keys(madeUpFiles()).sort();
    for (const folder of ['', 'mine/', 'models/mine/']) {
      const inside = Object.entries(madeUpFiles()).map(([path, content]) => [folder + path, content] as const);
      const files = { ...Object.fromEntries(inside), [`__MACOSX/${folder}._config.json`]: 'x' };
      const { files: listed } = await opened(await zipped(files));
      expect(listed.map(({ path }) => path).sort()).toEqual(names);
    }
    expect(await (await opened(await zipped(madeUpFiles()))).open('nothing.json')).toBeNull();
  });

  it('refuses weights that are compressed and too large to inflate, and says how to zip them', async () => {
    const bytes = await zipped(inFolder('mine'));
    await expect(opened(bytes, 10_000)).rejects.toMatchObject({
      code: 'format',
      message: expect.stringMatching(/mine\.zip.*mine\/model\.safetensors.*compressed/) as string,
      nextStep: expect.stringMatching(/Unpack it.*zip -0/) as string,
    });
    await expect(opened(await zipped(inFolder('mine'), { level: 0 }), 10_000)).resolves.toBeDefined();
  });

  it.each([
    ['no checkpoint', { 'readme.txt': 'x' }, /manifest\.json nor.*config\.json/],
    ['several', { ...inFolder('a'), ...inFolder('b') }, /several checkpoints, a\/ and b\//],
    ['a pack', { 'manifest.json': '{}', 'config.json': '{}' }, /is a pack/],
  ])('is refused where there is %s', async (_, files, problem) => {
    await expect(opened(await zipped(files))).rejects.toThrow(problem);
  });

  it('is refused where a password, a changed byte or a cut makes it unreadable', async () => {
    const locked = await opened(await zipped({ 'config.json': '{}' }, { password: 'x' }));
    await expect(locked.open('config.json')).rejects.toThrow(/config\.json behind a password/);
    const spoilt = await zipped({ 'config.json': 'a word '.repeat(99) });
    spoilt[50] = (spoilt[50] ?? 0) ^ 0xff;
    await expect((await opened(spoilt)).open('config.json')).rejects.toMatchObject({ code: 'format' });
    await expect(opened((await zipped(madeUpFiles())).subarray(0, -30))).rejects.toMatchObject({ code: 'format' });
  });
});

/** A ZIP of config.json that says of it what `change` writes into its entry of the directory. */
async function withDirectory(change: (entry: DataView) => void): Promise<Uint8Array> {
  const bytes = await zipped({ 'config.json': 'a word '.repeat(9999) });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = bytes.byteLength - 4;
  while (view.getUint32(at, true) !== 0x02014b50) at--; // the directory's one entry
  change(new DataView(bytes.buffer, bytes.byteOffset + at));
  return bytes;
}

it.each([
  [9, /compressed with Deflate64/],
  [12, /compressed with bzip2/],
  [14, /compressed with LZMA/],
  [93, /compressed with Zstandard/],
  [95, /compressed with xz/],
  [77, /compressed with method 77/],
])('a ZIP of another compression method names it: %i', async (method, problem) => {
  const bytes = await withDirectory((entry) => entry.setUint16(10, method, true));
  const error: unknown = await (await opened(bytes)).open('config.json').catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'format', message: expect.stringMatching(problem) as string });
  expect(error).toMatchObject({ nextStep: expect.stringMatching(/Unpack/) as string });
});

it('a ZIP that holds more than it lists is not unpacked into memory', async () => {
  const bytes = await withDirectory((entry) => entry.setUint32(24, 10, true)); // of 69,993 bytes
  await expect((await opened(bytes)).open('config.json')).rejects.toMatchObject({ code: 'format' });
});

it.each([
  ['what torch.save writes', () => zipped({ 'model/data.pkl': 'x', 'model/data/0': 'x' }), /torch\.save/],
  [
    'weights alone',
    () => Promise.resolve(writeSafetensors({ w: { shape: [1], data: Float32Array.of(1) } })),
    /safetensors file, no ZIP/,
  ],
  ['a GGUF', () => Promise.resolve(new TextEncoder().encode('GGUF and then much more')), /a GGUF file, no ZIP/],
  [
    'a 7-Zip archive',
    () => Promise.resolve(Uint8Array.of(0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4)),
    /7-Zip archive, no ZIP/,
  ],
  ['an empty file', () => Promise.resolve(new Uint8Array()), /is empty, no ZIP/],
])('a file that is chosen as a ZIP says what it is: %s', async (_, make, problem) => {
  await expect(opened(await make())).rejects.toMatchObject({
    code: 'format',
    message: expect.stringMatching(problem) as string,
  });
});

it('a ZIP is a pack or a checkpoint', async () => {
  const kind = async (files: Record<string, string>): Promise<string> =>
    zipKind(bytesSource('a.zip', await zipped(files)));
  expect(await kind({ 'manifest.json': '{}', 'config.json': '{}', 'weights-0.bin': 'x' })).toBe('pack');
  expect(await kind({ 'config.json': '{}', 'manifest.json': '{}', 'model.safetensors': 'x' })).toBe('checkpoint');
});
