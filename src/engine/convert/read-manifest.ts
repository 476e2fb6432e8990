/** A manifest's fields, each checked: a pack comes from anywhere, and sizes and places in it decide what is read. */
import { MANIFEST_FORMAT, MANIFEST_VERSION } from './manifest.ts';
import { LabError } from '../../core/errors.ts';
import { shown, shownValue } from '../../core/text/quote.ts';
import { isJsonObject, type JsonObject } from '../../formats/bytes/json.ts';
import { byteLengthOf, ONNX_TYPE, type OnnxType } from '../../formats/bytes/onnx.ts';
import { BLOCK_SIZES, type BlockSize } from '../../formats/weights/quantised-blocks.ts';
import { bytesOf, isDtype } from '../../formats/bytes/safetensors.ts';
import { PRECISIONS } from '../graph/precisions.ts';
import { SEGMENT_BYTES, type FileDigest } from './digests.ts';
import type { Placement } from './layout.ts';
import type { EmbeddingPlace, Manifest, SourceFile } from './manifest.ts';
import { decodeUtf8, parseJsonObject } from '../../formats/bytes/json.ts';
import { MANIFEST_FILE } from './file-names.ts';
import type { StoredModel } from './model-folder.ts';

type Fail = (problem: string) => LabError;
type Files = Readonly<Record<string, FileDigest>>;

/** The manifest, with nothing in it that it does not know. Throws `format` errors that name `name` and the field. */
function checkManifest(json: JsonObject, name: string): Manifest {
  const fail: Fail = (problem) =>
    new LabError('format', `${shown(name)}: ${problem}.`, 'Convert the checkpoint again, or fetch the pack again.');
  if (json['format'] !== MANIFEST_FORMAT) throw fail('it does not describe a converted model');
  if (json['version'] !== MANIFEST_VERSION) {
    throw fail(`version ${shownValue(json['version'])} is not one this lab reads`);
  }
  const { label, identity, parameters } = json;
  const precision = PRECISIONS.find((known) => known === json['precision']);
  if (precision === undefined) throw fail('the precision is unknown');
  if (typeof label !== 'string' || typeof identity !== 'string') throw fail('it does not say where it comes from');
  const files = readFiles(json['files'], fail);
  return {
    ...{ label, identity, precision },
    layout: readLayout(json['layout'], fail),
    parameters: isCount(parameters) ? parameters : 0,
    sources: readSources(json['sources'], fail),
    embedding: readEmbedding(json['embedding'], files, fail),
    weights: readWeights(json['weights'], files, fail),
    files,
  };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isShape = (value: unknown): value is number[] => Array.isArray(value) && value.every(isCount);

function readFiles(value: unknown, fail: Fail): Files {
  if (!isJsonObject(value)) throw fail('it lists no files');
  return Object.fromEntries(
    Object.entries(value).map(([file, digest]): [string, FileDigest] => {
      const { bytes, segments } = isJsonObject(digest) ? digest : {};
      const isDigest = Array.isArray(segments) && segments.every((segment) => typeof segment === 'string');
      if (!isCount(bytes) || !isDigest || segments.length !== Math.ceil(bytes / SEGMENT_BYTES)) {
        throw fail(`no valid digest of ${shown(file)}`);
      }
      return [file, { bytes, segments }];
    }),
  );
}

function readLayout(value: unknown, fail: Fail): Manifest['layout'] {
  const { blockSize, partWeights } = isJsonObject(value) ? value : {};
  if (!BLOCK_SIZES.some((known) => known === blockSize) || !isCount(partWeights)) throw fail('no valid layout');
  return { blockSize: blockSize as BlockSize, partWeights };
}

function readSources(value: unknown, fail: Fail): SourceFile[] {
  if (!Array.isArray(value)) throw fail('it does not say where it comes from');
  return value.map((source: unknown) => {
    const { file, bytes, sha256 = null } = isJsonObject(source) ? source : {};
    const isSource = typeof file === 'string' && isCount(bytes) && (sha256 === null || typeof sha256 === 'string');
    if (!isSource) throw fail('it does not say where it comes from');
    return { file, bytes, sha256 };
  });
}

function readEmbedding(value: unknown, files: Files, fail: Fail): EmbeddingPlace {
  const { file, dtype, shape } = isJsonObject(value) ? value : {};
  if (typeof file !== 'string' || !Object.hasOwn(files, file)) throw fail('the embedding table has no file');
  if (!isShape(shape) || shape.length !== 2 || !isDtype(dtype)) throw fail('no valid embedding table');
  if (bytesOf(dtype, shape) !== files[file]?.bytes) throw fail(`${shown(file)} is not as large as its embedding table`);
  return { file, dtype, shape };
}

function readWeights(value: unknown, files: Files, fail: Fail): Placement[] {
  if (!Array.isArray(value)) throw fail('it lists no weights');
  return value.map((weight: unknown) => {
    const { name, type, shape, file, offset, byteLength } = isJsonObject(weight) ? weight : {};
    const isPlaced = typeof file === 'string' && Object.hasOwn(files, file) && isCount(offset) && isCount(byteLength);
    if (typeof name !== 'string' || !isPlaced) throw fail('a weight has no file');
    if (!isOnnxType(type) || !isShape(shape)) throw fail(`${shown(name)} has no valid type and shape`);
    if (byteLength !== byteLengthOf(type, shape)) throw fail(`${shown(name)} is not as large as its shape`);
    if (offset + byteLength > (files[file]?.bytes ?? 0)) {
      throw fail(`${shown(name)} reaches past the end of ${shown(file)}`);
    }
    return { name, type, shape, byteLength, file, offset }; // in the order of `writeManifest`, so that a copy has the same bytes
  });
}

const isOnnxType = (value: unknown): value is OnnxType => typeof value === 'string' && Object.hasOwn(ONNX_TYPE, value);

/** The manifest, or null where the folder holds none. Throws `format` errors that name the folder and the field. */
export async function readManifest(folder: StoredModel): Promise<Manifest | null> {
  const source = await folder.open(MANIFEST_FILE);
  if (source === null) return null;
  const name = `${MANIFEST_FILE} of ${folder.label}`;
  return checkManifest(parseJsonObject(name, decodeUtf8(name, await source.slice(0, source.byteLength))), name);
}
