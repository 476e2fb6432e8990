/** ZIPs, the checkpoints and packs in them, and the manifest of a converted model. */
import { packRows } from '../../../src/engine/run/packing.ts';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { copyModel } from '../../../src/engine/convert/copy-model.ts';
import { writeManifest } from '../../../src/engine/convert/manifest.ts';
import type { StoredModel } from '../../../src/engine/convert/model-folder.ts';
import { checkFiles, embeddingTableOf, requireManifest } from '../../../src/engine/convert/open-converted.ts';
import { openPack } from '../../../src/engine/convert/pack.ts';
import { readZip } from '../../../src/engine/checkpoint/zip-files.ts';
import { openZippedCheckpoint, zipKind } from '../../../src/engine/checkpoint/zipped-checkpoint.ts';
import { bytesSource } from '../../../src/formats/bytes/byte-source.ts';
import { CrashingFolder } from '../../support/crashing-folder.ts';
import { memoryFiles } from '../../support/checkpoint-fixtures.ts';
import { anyBytes } from '../harness/spoilt-bytes.ts';
import { anyJson, oddName, type Json } from '../harness/spoilt-json.ts';
import { defineTarget, hold, type FuzzTarget } from '../harness/target.ts';
import { zipBytes } from './zip-bytes.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const entry = fc.record({
  path: fc.oneof(
    fc.constantFrom('a/config.json', 'config.json', 'a/model.safetensors', 'a/', 'b/config.json'),
    oddName,
  ),
  content: fc.oneof(
    fc.constantFrom(encode('{}'), new Uint8Array(), new Uint8Array(3000)),
    fc.uint8Array({ maxLength: 40 }),
  ),
  method: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(0, 8) }, fc.constantFrom(9, 12, 14, 93, 99, 65_535)),
  flags: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.constantFrom(1, 8, 0x800, 0x2000)),
  claimed: fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, fc.constantFrom(0, 1, 0xffffffff, 0x7fffffff, 1e6)),
});
const zip = fc.array(entry, { maxLength: 4 }).map(zipBytes);

async function checkZip(bytes: Uint8Array): Promise<void> {
  const source = bytesSource('mine.zip', bytes);
  for (const file of (await readZip(source)).values()) {
    const opened = await file.open();
    hold(opened.byteLength === file.byteLength, 'a file is as long as the directory says');
    const content = await opened.slice(0, opened.byteLength);
    hold(content.length === file.byteLength, 'a file holds as many bytes as it is long');
  }
  await zipKind(source);
  const checkpoint = await openZippedCheckpoint(source);
  hold((await checkpoint.open('config.json')) !== null, 'a checkpoint has a config.json');
}

/** A converted model of two small files. */
const CONTENTS: Readonly<Record<string, Uint8Array>> = {
  'weights-0.bin': Uint8Array.from({ length: 256 }, (_, index) => index),
  'embeddings.bin': new Uint8Array(64),
  'config.json': encode('{"model_type":"olmo3"}'),
};
const digestOf = (bytes: Uint8Array): Json => ({ bytes: bytes.length, segments: [createHash('sha256').update(bytes).digest('hex')] }); // prettier-ignore
const MANIFEST: Json = {
  ...{ format: 'harmscope-model', version: 1, label: 'allenai/OLMo@main', identity: 'a1b2', precision: 'float32' },
  ...{ layout: { blockSize: 32, partWeights: 16_777_216 }, parameters: 1000 },
  sources: [{ file: 'model.safetensors', bytes: 1000, sha256: null }],
  embedding: { file: 'embeddings.bin', dtype: 'F32', shape: [4, 4] },
  weights: [
    { name: 'model.norm.weight', type: 'float32', shape: [4], file: 'weights-0.bin', offset: 0, byteLength: 16 },
    { name: 'lm_head', type: 'uint8', shape: [8, 16], file: 'weights-0.bin', offset: 64, byteLength: 128 },
  ],
  files: Object.fromEntries(Object.entries(CONTENTS).map(([name, bytes]) => [name, digestOf(bytes)])),
};

const stored = (files: Readonly<Record<string, string | Uint8Array>>): StoredModel => ({
  ...memoryFiles(files),
  externalData: () => Promise.resolve(new Uint8Array()),
  release: () => Promise.resolve(),
});

async function checkModel(folder: StoredModel): Promise<void> {
  const manifest = await requireManifest(folder);
  const { weights, embedding, parameters } = manifest;
  hold(Number.isSafeInteger(parameters) && parameters >= 0, 'parameters are a count');
  for (const { file, offset, byteLength, shape } of weights) {
    hold(Object.hasOwn(manifest.files, file), 'a weight lies in a file');
    hold(offset >= 0 && offset + byteLength <= (manifest.files[file]?.bytes ?? 0), 'a weight lies within its file');
    hold(
      shape.every((size) => Number.isSafeInteger(size) && size >= 0),
      'sizes are counts',
    );
  }
  for (const { file } of manifest.sources) hold(typeof file === 'string', 'a source is named');
  await checkFiles(folder, manifest);
  const table = await embeddingTableOf(folder, embedding);
  const rows = await table.embed([[0, 3]], packRows([2]));
  hold(rows.length === 2 * (embedding.shape[1] ?? -1), 'rows are as long as the table says');
  const again = await requireManifest(stored({ 'manifest.json': writeManifest(manifest) }));
  hold(JSON.stringify(again) === JSON.stringify(manifest), 'a manifest that is written is read again');
}

const pack = anyJson(fc.constant(MANIFEST)).chain((manifest) => {
  const files = Object.entries({ 'manifest.json': encode(manifest), ...CONTENTS });
  const whole = zipBytes(files.map(([path, content]) => ({ path, content, method: 0, flags: 0, claimed: null })));
  return anyBytes(fc.constant(whole));
});

async function checkPack(bytes: Uint8Array): Promise<void> {
  const opened = await openPack(bytesSource('model.zip', bytes));
  await checkModel(opened);
  const folder = new CrashingFolder();
  await copyModel(opened, folder);
  await checkModel(folder);
}

export const ARCHIVE_TARGETS: readonly FuzzTarget[] = [
  defineTarget('zip', anyBytes(zip), checkZip),
  defineTarget('manifest', anyJson(fc.constant(MANIFEST)), (text) => checkModel(stored({ 'manifest.json': text, ...CONTENTS }))), // prettier-ignore
  defineTarget('pack', pack, checkPack),
];
