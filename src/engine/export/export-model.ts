/**
 * A converted model as the folder that stock transformers.js loads. The weights' files are copied as they lie, so nothing is encoded anew
 * and no more than a piece of one is in memory; graph, rotary caches and small files are made for it.
 */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import { decodeUtf8, parseJsonObject, type JsonObject } from '../../formats/bytes/json.ts';
import { byteLengthOf, type OnnxInitializer } from '../../formats/bytes/onnx.ts';
import { decodeFloat32 } from '../../formats/bytes/safetensors.ts';
import { requireJson } from '../checkpoint/checkpoint-files.ts';
import { parseConfig } from '../checkpoint/config.ts';
import { EMBEDDING_FILE, KEPT_FILES } from '../convert/file-names.ts';
import type { Manifest } from '../convert/manifest.ts';
import type { StoredModel } from '../convert/model-folder.ts';
import { placesFor, requireManifest } from '../convert/open-converted.ts';
import { bundleWithFiles } from '../graph/bundle.ts';
import { namedTokens, withAddedTokens, type TokenizerFiles } from '../tokens/special-tokens.ts';
import { checkedBytes, checkedPieces, streamOfPieces } from './checked-pieces.ts';
import { DTYPES, exportedConfig, exportedReadme, exportedTokenizerConfig } from './export-texts.ts';
import { buildLanguageModel, EMBEDDING_TABLE } from './language-model-graph.ts';

/** A file of an export. Its bytes come as they are read, checked against the model's digests. */
export interface ExportedFile {
  readonly path: string; // within the folder, with slashes
  readonly byteLength: number;
  readonly stream: () => ReadableStream<Uint8Array>;
}

export interface ModelExport {
  readonly label: string; // of the checkpoint
  readonly name: string; // of the folder
  /** config.json is the last, so that a folder that is not whole does not load. */
  readonly files: readonly ExportedFile[];
  readonly byteLength: number;
}

const LARGE_CONSTANT = 1024; // bytes; larger ones lie beside the weights, so that the graph stays small
const ALIGNMENT = 64; // of each constant in its file
const GRAPH_FOLDER = 'onnx';
const MAX_DATA_FILES = 100; // that transformers.js takes of a graph

/** What the export of a model consists of. Reads its small files only. Throws errors that name the file. */
export async function exportModel(folder: StoredModel, name: string): Promise<ModelExport> {
  const manifest = await requireManifest(folder);
  const json = await requireJson(folder, 'config.json');
  const config = parseConfig(json, `config.json of ${folder.label}`);
  const embedding = await embeddingFile(folder, manifest);
  const { precision, layout } = manifest;
  const graph = buildLanguageModel(config, precision, layout);
  const model = `model${DTYPES[precision].suffix}.onnx`;
  const weightFiles = [...new Set(manifest.weights.map(({ file }) => file))];
  const dataFile = (index: number): string => `${model}_data${index === 0 ? '' : `_${index}`}`; // as transformers.js numbers them
  const weights = placesFor(folder, manifest, graph).map((place) => moved(place, weightFiles, dataFile));
  const table: OnnxInitializer = {
    ...{ name: EMBEDDING_TABLE, type: 'float32', shape: manifest.embedding.shape },
    data: { file: dataFile(weightFiles.length), offset: 0, byteLength: embedding.byteLength },
  };
  const constants = layOutConstants(graph.constants, dataFile(weightFiles.length + 1));
  const bytes = bundleWithFiles({ ...graph, constants: constants.initializers }, [...weights, table]);
  const data = [
    ...(await Promise.all(weightFiles.map((file) => storedFile(folder, manifest, file, '')))),
    embedding,
    inMemory('', constants.bytes),
  ].map((file, index) => ({ ...file, path: `${GRAPH_FOLDER}/${dataFile(index)}` }));
  if (data.length > MAX_DATA_FILES) {
    const problem = `${shown(manifest.label)} has its weights in ${data.length} files; transformers.js takes ${MAX_DATA_FILES}.`;
    throw new LabError('bad-request', problem, 'Convert the checkpoint to fewer bits, and export that.');
  }
  const texts = await smallFiles(folder, manifest, name, config.contextLength);
  const files = [
    ...data,
    inMemory(`${GRAPH_FOLDER}/${model}`, bytes),
    ...texts,
    textFile('config.json', pretty(exportedConfig(json, precision, data.length))),
  ];
  const byteLength = files.reduce((sum, file) => sum + file.byteLength, 0);
  return { label: manifest.label, name, files, byteLength };
}

/** The place of a weight once its file has its new name. */
function moved(
  place: OnnxInitializer,
  weightFiles: readonly string[],
  dataFile: (index: number) => string,
): OnnxInitializer {
  if (place.data instanceof Uint8Array) return place;
  return { ...place, data: { ...place.data, file: dataFile(weightFiles.indexOf(place.data.file)) } };
}

async function openStored(folder: StoredModel, file: string): Promise<ByteSource> {
  const source = await folder.open(file);
  if (source !== null) return source;
  throw new LabError('not-found', `${shown(folder.label)} has no ${shown(file)}.`, 'Convert the checkpoint again.');
}

function digestOf({ files }: Manifest, file: string): Manifest['files'][string] {
  const digest = files[file];
  if (digest !== undefined) return digest;
  throw new LabError('format', `The manifest does not list ${shown(file)}.`, 'Convert the checkpoint again.');
}

async function storedFile(folder: StoredModel, manifest: Manifest, file: string, path: string): Promise<ExportedFile> {
  const source = await openStored(folder, file);
  const digest = digestOf(manifest, file);
  return { path, byteLength: digest.bytes, stream: () => streamOfPieces(checkedPieces(source, digest)) };
}

/**
 * The embedding table in float32, which every precision of a checkpoint widens to without loss. Neither bfloat16 nor float16 would do:
 * ONNX Runtime's builds with WebGPU cast no bfloat16, and adapters without `shader-f16` read no float16.
 */
async function embeddingFile(folder: StoredModel, manifest: Manifest): Promise<ExportedFile> {
  const { dtype, shape } = manifest.embedding;
  const stored = await storedFile(folder, manifest, EMBEDDING_FILE, '');
  if (dtype === 'F32') return stored;
  const entry = { name: EMBEDDING_TABLE, dtype, shape, start: 0, end: stored.byteLength };
  const widen = (): TransformStream<Uint8Array, Uint8Array> =>
    new TransformStream({
      transform: (bytes, controller) => controller.enqueue(asBytes(decodeFloat32(EMBEDDING_FILE, entry, bytes))),
    });
  const byteLength = byteLengthOf('float32', shape);
  return { ...stored, byteLength, stream: () => stored.stream().pipeThrough(widen()) };
}

const asBytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Large constants one after another in a file, small ones in the graph as they were. */
function layOutConstants(
  constants: readonly OnnxInitializer[],
  file: string,
): { readonly initializers: readonly OnnxInitializer[]; readonly bytes: Uint8Array } {
  const parts: { readonly offset: number; readonly bytes: Uint8Array }[] = [];
  let end = 0;
  const initializers = constants.map((constant): OnnxInitializer => {
    const bytes = constant.data;
    if (!(bytes instanceof Uint8Array) || bytes.byteLength < LARGE_CONSTANT) return constant;
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    parts.push({ offset, bytes });
    end = offset + bytes.byteLength;
    return { ...constant, data: { file, offset, byteLength: bytes.byteLength } };
  });
  const bytes = new Uint8Array(end);
  for (const part of parts) bytes.set(part.bytes, part.offset);
  return { initializers, bytes };
}

/** Tokenizer, generation settings and what the folder is, but for config.json. */
async function smallFiles(
  folder: StoredModel,
  manifest: Manifest,
  name: string,
  contextLength: number,
): Promise<ExportedFile[]> {
  const kept = new Map<string, Uint8Array>();
  for (const file of KEPT_FILES) {
    if (manifest.files[file] === undefined) continue;
    kept.set(file, await checkedBytes(await openStored(folder, file), digestOf(manifest, file)));
  }
  const textOf = (file: string): string | null => {
    const bytes = kept.get(file);
    return bytes === undefined ? null : decodeUtf8(`${file} of ${folder.label}`, bytes);
  };
  const template = textOf('chat_template.jinja');
  const tokenizerConfig = parseJsonObject('tokenizer_config.json', textOf('tokenizer_config.json') ?? '{}');
  const hasChatTemplate = template !== null || tokenizerConfig['chat_template'] !== undefined;
  if (kept.has('tokenizer.json')) {
    const objectOf = (file: string): JsonObject | null => {
      const text = textOf(file);
      return text === null ? null : parseJsonObject(file, text);
    };
    const files: TokenizerFiles = {
      definition: objectOf('tokenizer.json') ?? {},
      config: tokenizerConfig,
      specialTokensMap: objectOf('special_tokens_map.json'),
      addedTokens: objectOf('added_tokens.json'),
      modelConfig: objectOf('config.json'),
    };
    const json = exportedTokenizerConfig(tokenizerConfig, template, namedTokens(files));
    kept.set('tokenizer_config.json', new TextEncoder().encode(pretty(json)));
    const definition = withAddedTokens(files);
    if (!isSame(definition['added_tokens'], files.definition['added_tokens'])) {
      kept.set('tokenizer.json', new TextEncoder().encode(JSON.stringify(definition)));
    }
  }
  kept.delete('config.json');
  const readme = exportedReadme(manifest, { name, contextLength, hasChatTemplate });
  return [...[...kept].map(([file, bytes]) => inMemory(file, bytes)), textFile('README.md', readme)];
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const pretty = (json: JsonObject): string => `${JSON.stringify(json, null, 2)}\n`;

const textFile = (path: string, text: string): ExportedFile => inMemory(path, new TextEncoder().encode(text));

function inMemory(path: string, bytes: Uint8Array): ExportedFile {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(bytes);
  }
  return { path, byteLength: bytes.byteLength, stream: () => streamOfPieces(pieces()) };
}
