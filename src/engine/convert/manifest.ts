/** What a converted model consists of. It is written last: a folder without it is no model. */
import { LabError } from '../../core/errors.ts';
import { shown, shownValue } from '../../core/shown.ts';
import { decodeUtf8, isJsonObject, parseJsonObject, type JsonObject } from '../../formats/json.ts';
import { ONNX_TYPE, type OnnxType } from '../../formats/onnx.ts';
import { BLOCK_SIZES, type BlockSize } from '../../formats/quantised-blocks.ts';
import type { Dtype } from '../../formats/safetensors.ts';
import type { WeightLayout } from '../graph/builder.ts';
import { PRECISIONS, type Precision } from '../graph/precisions.ts';
import type { FileDigest } from './digests.ts';
import { MANIFEST_FILE } from './file-names.ts';
import type { Placement } from './layout.ts';
import type { StoredModel } from './model-folder.ts';

const FORMAT = 'harmscope-model';
const VERSION = 1;

export interface SourceFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string | null; // that the checkpoint’s source knew, and that the bytes were checked against
}

export interface EmbeddingPlace {
  readonly file: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[]; // [vocab, hidden]
}

export interface Manifest {
  readonly label: string; // of the checkpoint
  readonly identity: string;
  readonly precision: Precision;
  readonly layout: WeightLayout;
  readonly parameters: number;
  readonly sources: readonly SourceFile[];
  readonly embedding: EmbeddingPlace;
  readonly weights: readonly Placement[];
  readonly files: Readonly<Record<string, FileDigest>>;
}

export function writeManifest(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify({ format: FORMAT, version: VERSION, ...manifest })}\n`);
}

/** The manifest, or null where the folder holds none. Throws `format` errors that name the folder and the field. */
export async function readManifest(folder: StoredModel): Promise<Manifest | null> {
  const source = await folder.open(MANIFEST_FILE);
  if (source === null) return null;
  const name = `${MANIFEST_FILE} of ${folder.label}`;
  return checkManifest(parseJsonObject(name, decodeUtf8(name, await source.slice(0, source.byteLength))), name);
}

function checkManifest(json: JsonObject, name: string): Manifest {
  const fail = (problem: string): LabError =>
    new LabError('format', `${shown(name)}: ${problem}.`, 'Convert the checkpoint again, or fetch the pack again.');
  if (json['format'] !== FORMAT) throw fail('it describes no converted model');
  if (json['version'] !== VERSION) throw fail(`version ${shownValue(json['version'])} is not one this lab reads`);
  const { layout, embedding, weights, files, sources } = json;
  if (!PRECISIONS.some((known) => known === json['precision'])) throw fail('the precision is unknown');
  if (!isJsonObject(layout) || !BLOCK_SIZES.some((known) => known === layout['blockSize']))
    throw fail('no valid layout');
  if (!isCount(layout['partWeights'])) throw fail('no valid layout');
  if (!isJsonObject(embedding) || !isFile(embedding['file'], files)) throw fail('the embedding table lies nowhere');
  if (!isShape(embedding['shape']) || typeof embedding['dtype'] !== 'string') throw fail('no valid embedding table');
  if (!Array.isArray(weights)) throw fail('it lists no weights');
  for (const weight of weights as unknown[]) {
    if (!isPlacement(weight) || !isFile(weight.file, files)) throw fail('a weight lies nowhere');
    if (weight.offset + weight.byteLength > ((files as Record<string, FileDigest>)[weight.file]?.bytes ?? 0)) {
      throw fail(`${shown(weight.name)} reaches past the end of ${shown(weight.file)}`);
    }
  }
  if (!Array.isArray(sources) || typeof json['label'] !== 'string' || typeof json['identity'] !== 'string') {
    throw fail('it does not say where it comes from');
  }
  return {
    label: json['label'],
    identity: json['identity'],
    precision: json['precision'] as Precision,
    layout: { blockSize: layout['blockSize'] as BlockSize, partWeights: layout['partWeights'] },
    parameters: isCount(json['parameters']) ? json['parameters'] : 0,
    sources: sources as SourceFile[],
    embedding: embedding as unknown as EmbeddingPlace,
    weights: weights as Placement[],
    files: files as Record<string, FileDigest>,
  };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isShape = (value: unknown): value is number[] => Array.isArray(value) && value.every(isCount);

function isFile(file: unknown, files: unknown): boolean {
  if (typeof file !== 'string' || !isJsonObject(files) || !Object.hasOwn(files, file)) return false;
  const digest = files[file];
  return isJsonObject(digest) && isCount(digest['bytes']) && Array.isArray(digest['segments']);
}

function isPlacement(value: unknown): value is Placement {
  if (!isJsonObject(value) || typeof value['name'] !== 'string') return false;
  if (!Object.hasOwn(ONNX_TYPE, value['type'] as OnnxType) || !isShape(value['shape'])) return false;
  return isCount(value['offset']) && isCount(value['byteLength']);
}
