import { beforeEach, describe, expect, it } from 'vitest';
import { convertCheckpoint } from '../../../../src/engine/convert/convert.ts';
import { weightsFile } from '../../../../src/engine/convert/file-names.ts';
import { exportModel, type ExportedFile } from '../../../../src/engine/export/export-model.ts';
import { exportSavedModel, type SavedModelPlaces } from '../../../../src/labs/models/pack-and-export.ts';
import { CHAT_TEMPLATE, MADE_UP_CONFIG, madeUpFiles, memoryFiles } from '../../../support/checkpoint-fixtures.ts';
import { CrashingFolder } from '../../../support/crashing-folder.ts';

const TIMEOUT = 60_000; // ms; a model is converted, on a machine that may be busy

let stored: CrashingFolder;

beforeEach(async () => {
  stored = new CrashingFolder();
  const files = {
    ...madeUpFiles(),
    'tokenizer_config.json': JSON.stringify({ pad_token: '<|pad|>' }),
    'special_tokens_map.json': JSON.stringify({ bos_token: '<|im_start|>' }),
    'chat_template.jinja': `${CHAT_TEMPLATE}\r\n`,
  };
  await convertCheckpoint(memoryFiles(files), { precision: 'q8', limits: { fileBytes: 8000 } }, stored);
}, TIMEOUT);

const bytesOf = async ({ stream }: ExportedFile): Promise<Uint8Array> =>
  new Uint8Array(await new Response(stream() as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());

async function textOf(files: readonly ExportedFile[], path: string): Promise<string> {
  const file = files.find((known) => known.path === path);
  if (file === undefined) throw new Error(`no ${path}`);
  return new TextDecoder().decode(await bytesOf(file));
}

/** Folders in memory, and which of them were discarded. */
function memoryPlaces(written: Map<string, number>, discarded: string[]): SavedModelPlaces {
  return {
    packTarget: () => Promise.reject(new Error('no file was asked for')),
    exportFolder: (_, name) =>
      Promise.resolve({
        write: async (path, content, signal) => {
          let bytes = 0;
          const sink = new WritableStream<Uint8Array>({ write: (chunk) => void (bytes += chunk.byteLength) });
          await content.pipeTo(sink, { signal });
          written.set(path, bytes);
        },
        discard: () => Promise.resolve(void discarded.push(name)),
      }),
  };
}

const picked = {} as FileSystemDirectoryHandle;

describe('an export', { timeout: TIMEOUT }, () => {
  it('holds the weights’ files as they are, and says how many data files there are', async () => {
    const { files, byteLength } = await exportModel(stored, 'made-up');
    const count = [...stored.files.keys()].filter((name) => name.startsWith('weights-')).length;
    const weights = Array.from({ length: count }, (_, index) => weightsFile(index));
    expect(weights.length).toBeGreaterThan(2);
    for (const [index, name] of weights.entries()) {
      const path = `onnx/model_quantized.onnx_data${index === 0 ? '' : `_${index}`}`;
      const file = files.find((known) => known.path === path);
      expect(file === undefined ? null : await bytesOf(file), name).toEqual(stored.files.get(name));
    }
    const config = JSON.parse(await textOf(files, 'config.json')) as Record<string, unknown>;
    expect(config).toEqual({
      ...MADE_UP_CONFIG,
      'transformers.js_config': {
        dtype: 'q8',
        use_external_data_format: { 'model_quantized.onnx': weights.length + 2 }, // the embedding table, the rotary caches
      },
    });
    expect(files.at(-1)?.path).toBe('config.json');
    for (const file of files) expect((await bytesOf(file)).byteLength, file.path).toBe(file.byteLength);
    expect(byteLength).toBe(files.reduce((sum, file) => sum + file.byteLength, 0));
  });

  it('has chat template and special tokens where transformers.js looks for them', async () => {
    const { files } = await exportModel(stored, 'made-up');
    const config = JSON.parse(await textOf(files, 'tokenizer_config.json')) as Record<string, unknown>;
    expect(config['chat_template']).toBe(`${CHAT_TEMPLATE}\n`);
    expect(config).toMatchObject({ bos_token: '<|im_start|>', eos_token: '<|endoftext|>', pad_token: '<|pad|>' });
    expect(await textOf(files, 'README.md')).toContain('"made-up"');
  });

  it('names the file that is damaged, and leaves nothing of the folder', async () => {
    const spoilt = stored.files.get('weights-1.bin');
    if (spoilt === undefined) throw new Error('no weights-1.bin');
    spoilt[7] = (spoilt[7] ?? 0) ^ 1;
    const [written, discarded] = [new Map<string, number>(), [] as string[]];
    const job = { name: 'made-up', signal: new AbortController().signal, onProgress: () => undefined };
    const exporting = exportSavedModel(memoryPlaces(written, discarded), stored, picked, job);
    await expect(exporting).rejects.toMatchObject({
      code: 'format',
      message: expect.stringContaining('weights-1.bin') as string,
    });
    expect(discarded).toEqual(['made-up']);
  });

  it('tells how far it is, and stops when it is told to', async () => {
    const [written, discarded] = [new Map<string, number>(), [] as string[]];
    const told: number[] = [];
    const signal = new AbortController().signal;
    const onProgress = ({ doneBytes }: { readonly doneBytes: number }): void => void told.push(doneBytes);
    await exportSavedModel(memoryPlaces(written, discarded), stored, picked, { name: 'made-up', signal, onProgress });
    expect(told.at(-1)).toBe([...written.values()].reduce((sum, bytes) => sum + bytes, 0));
    const stop = new AbortController();
    const job = { name: 'made-up', signal: stop.signal, onProgress: () => stop.abort() };
    const stopped = exportSavedModel(memoryPlaces(new Map(), discarded), stored, picked, job);
    await expect(stopped).rejects.toMatchObject({ code: 'interrupted' });
    expect(discarded).toEqual(['made-up']);
  });
});
