import { describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import type { CheckpointFiles } from '../../../../src/engine/checkpoint/checkpoint-files.ts';
import { convertCheckpoint } from '../../../../src/engine/convert/convert.ts';
import { readManifest } from '../../../../src/engine/convert/read-manifest.ts';
import { openConverted } from '../../../../src/engine/convert/open-converted.ts';
import { openNodeRuntime } from '../../../../src/engine/device/runtime.node.ts';
import type { ByteSource } from '../../../../src/formats/bytes/byte-source.ts';
import { goldenFiles } from '../../../support/checkpoint-fixtures.ts';
import { CrashingFolder } from '../../../support/crashing-folder.ts';

const GOLDEN = 'olmo3-bf16-sharded';
const runtime = openNodeRuntime(1);

/** The files with what `change` makes of each weights file's reads. */
async function changed(
  change: (file: string, source: ByteSource) => ByteSource,
  sha256Of?: CheckpointFiles['sha256Of'],
): Promise<CheckpointFiles> {
  const files = await goldenFiles(GOLDEN);
  return {
    label: files.label,
    ...(sha256Of && { sha256Of }),
    open: async (file) => {
      const source = await files.open(file);
      return source === null || !file.endsWith('.safetensors') ? source : change(file, source);
    },
  };
}

async function failure(job: Promise<unknown>): Promise<LabError> {
  const error: unknown = await job.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LabError)) throw new Error(`not a LabError: ${String(error)}`);
  return error;
}

async function converted(): Promise<CrashingFolder> {
  const folder = new CrashingFolder();
  await convertCheckpoint(await goldenFiles(GOLDEN), { precision: 'q4' }, folder);
  return folder;
}

const TIMEOUT = 60_000; // ms; models are converted and opened, on a machine that may be busy

describe('a conversion', { timeout: TIMEOUT }, () => {
  it('refuses a file whose SHA-256 differs, and reads that file anew next time', async () => {
    const folder = new CrashingFolder();
    const second = 'model-00002-of-00003.safetensors';
    const lying = await changed(
      (_, source) => source,
      (file) => (file === second ? 'ab'.repeat(32) : null),
    );
    const error = await failure(convertCheckpoint(lying, { precision: 'q4' }, folder));
    expect(error).toMatchObject({ code: 'format' });
    expect(error.message).toContain(second);
    expect(await readManifest(folder)).toBeNull();
    const journal = JSON.parse(Buffer.from(folder.files.get('journal.json') ?? []).toString()) as { done: number };
    expect(journal.done).toBeGreaterThan(0);
  });

  it('refuses a source that gives less than it was asked for', async () => {
    const short = await changed((_, source) => ({
      ...source,
      slice: async (start, end) =>
        (await source.slice(start, end)).subarray(0, start > 9000 ? end - start - 1 : undefined),
    }));
    const error = await failure(convertCheckpoint(short, { precision: 'q4' }, new CrashingFolder()));
    expect(error).toMatchObject({ code: 'fetch' });
    expect(error.message).toContain('.safetensors');
  });

  it('passes on what the source says, and goes on afterwards', async () => {
    const cut = new LabError('fetch', 'the connection was cut', 'Try again.');
    let reads = 0;
    const failing = await changed((_, source) => ({
      ...source,
      slice: (start, end) => (++reads === 20 ? Promise.reject(cut) : source.slice(start, end)),
    }));
    const folder = new CrashingFolder();
    expect(await failure(convertCheckpoint(failing, { precision: 'q4' }, folder))).toBe(cut);
    await convertCheckpoint(failing, { precision: 'q4' }, folder);
    const undisturbed = await converted();
    expect(folder.files.get('weights-0.bin')).toEqual(undisturbed.files.get('weights-0.bin'));
  });

  it('stops at an abort, and goes on afterwards', async () => {
    const stop = new AbortController();
    const folder = new CrashingFolder();
    const files = await goldenFiles(GOLDEN);
    let chunks = 0;
    const onProgress = (): void => {
      if (++chunks === 12) stop.abort();
    };
    const options = { precision: 'q4' } as const;
    const error = await failure(convertCheckpoint(files, options, folder, { signal: stop.signal, onProgress }));
    expect(error.code).toBe('interrupted');
    expect(chunks).toBe(12);
    await convertCheckpoint(files, options, folder);
    expect(folder.files.get('weights-0.bin')).toEqual((await converted()).files.get('weights-0.bin'));
  });

  it('removes what another checkpoint or another precision left', async () => {
    const folder = await converted();
    await folder.put('weights-7.bin', new Uint8Array(9));
    await convertCheckpoint(await goldenFiles('olmo1'), { precision: 'int8' }, folder);
    const fresh = new CrashingFolder();
    await convertCheckpoint(await goldenFiles('olmo1'), { precision: 'int8' }, fresh);
    expect(new Map(folder.files)).toEqual(new Map(fresh.files));
  });

  it('tells two checkpoints of one training apart by their weights', async () => {
    const folder = new CrashingFolder();
    folder.crashAt = 30;
    await convertCheckpoint(await goldenFiles(GOLDEN), { precision: 'q4' }, folder).catch(() => undefined);
    folder.restart(1);
    const other = await changed((_, source) => ({
      ...source,
      slice: async (start, end) => {
        const bytes = await source.slice(start, end);
        if (start > 8 && end - start > 64) bytes[bytes.length - 60] = 0x3c; // another step of the training
        return bytes;
      },
    }));
    const fresh = new CrashingFolder();
    await convertCheckpoint(other, { precision: 'q4' }, fresh);
    await convertCheckpoint(other, { precision: 'q4' }, folder);
    expect(new Map(folder.files)).toEqual(new Map(fresh.files));
  });
});

describe('openConverted', { timeout: TIMEOUT }, () => {
  it.each(['weights-0.bin', 'embeddings.bin', 'config.json'])(
    'refuses a model with a changed byte in %s',
    async (file) => {
      const folder = await converted();
      const bytes = folder.files.get(file) ?? new Uint8Array();
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      const error = await failure(openConverted(folder, runtime));
      expect(error).toMatchObject({ code: 'format' });
      expect(error.message).toContain(file);
    },
  );

  it.each(['weights-0.bin', 'embeddings.bin'])(
    'refuses a %s that is cut short or missing, by its size alone',
    async (file) => {
      const folder = await converted();
      folder.files.set(file, (folder.files.get(file) ?? new Uint8Array()).slice(0, -1));
      expect((await failure(openConverted(folder, runtime, { check: 'sizes' }))).message).toContain(file);
      folder.files.delete(file);
      expect((await failure(openConverted(folder, runtime, { check: 'sizes' }))).message).toContain('missing');
    },
  );

  it.each([
    ['format', '"other"', 'not describe a converted model'],
    ['version', '2', 'version 2'],
    ['precision', '"q3"', 'precision'],
    ['layout', '{}', 'layout'],
    ['weights', '[{"name":"w","type":"float32","shape":[1],"file":"none","offset":0,"byteLength":4}]', 'has no file'],
    ['weights', '[{"name":"w","type":"float32","shape":[2],"file":"weights-0.bin","offset":0,"byteLength":4}]', 'not as large as its shape'], // prettier-ignore
    ['weights', '[{"name":"w","type":"float32","shape":[1e9],"file":"weights-0.bin","offset":0,"byteLength":4e9}]', 'past the end'], // prettier-ignore
    ['weights', '[{"name":"w","type":"constructor","shape":[1],"file":"weights-0.bin","offset":0,"byteLength":4}]', 'no valid type'], // prettier-ignore
    ['weights', '{}', 'lists no weights'],
    ['embedding', '{}', 'embedding'],
    ['embedding', '{"file":"embeddings.bin","dtype":"F32","shape":[3,3]}', 'embeddings.bin is not as large'],
    ['embedding', '{"file":"embeddings.bin","dtype":"F32","shape":[3]}', 'no valid embedding'],
    ['files', '{"config.json":{"bytes":10}}', 'no valid digest of config.json'],
    ['files', '{"config.json":{"bytes":10,"segments":[]}}', 'no valid digest of config.json'],
    ['files', '{"config.json":{"bytes":-1,"segments":[]}}', 'no valid digest of config.json'],
    ['files', 'null', 'lists no files'],
    ['sources', '[{"file":{}}]', 'where it comes from'],
  ])('refuses a manifest whose %s is %s', async (field, value, problem) => {
    const folder = await converted();
    const manifest = JSON.parse(Buffer.from(folder.files.get('manifest.json') ?? []).toString()) as object;
    const changedManifest = { ...manifest, [field]: JSON.parse(value) as unknown };
    folder.files.set('manifest.json', new TextEncoder().encode(JSON.stringify(changedManifest)));
    const error = await failure(openConverted(folder, runtime));
    expect(error.code).toBe('format');
    expect(error.message).toContain(problem);
  });
});
