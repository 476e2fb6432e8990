/** A converted model becomes a session: the graph is built for the provider at hand, the weights stay in their files. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { OnnxInitializer } from '../../formats/bytes/onnx.ts';
import { requireJson } from '../checkpoint/checkpoint-files.ts';
import { parseConfig } from '../checkpoint/config.ts';
import { EmbeddingTable } from '../checkpoint/embedding-table.ts';
import { bundleWithFiles } from '../graph/bundle.ts';
import { buildDecoder, type DecoderGraph } from '../graph/decoder.ts';
import { cacheStyle } from '../run/kv-cache.ts';
import { contextLengthOf } from '../checkpoint/context-length.ts';
import { OlmoModel } from '../run/model.ts';
import { createSession, type Runtime } from '../device/runtime.ts';
import { checkDigest } from './digests.ts';
import { MANIFEST_FILE } from './file-names.ts';
import type { Manifest } from './manifest.ts';
import { readManifest } from './read-manifest.ts';
import type { StoredModel } from './model-folder.ts';

export interface OpenConvertedOptions {
  /** Every byte against its digest, or the sizes alone: a model of gigabytes takes seconds to read. `bytes` by default. */
  readonly check?: 'bytes' | 'sizes';
  readonly signal?: AbortSignal;
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void; // of the check
}

/** Opens a model that a conversion finished. Throws `not-found` where there is none, `format` errors that name the damaged file. */
export async function openConverted(
  folder: StoredModel,
  runtime: Runtime,
  options: OpenConvertedOptions = {},
): Promise<OlmoModel> {
  const manifest = await requireManifest(folder);
  await checkFiles(folder, manifest, options);
  const { precision, layout, parameters, embedding } = manifest;
  const config = parseConfig(await requireJson(folder, 'config.json'), `config.json of ${folder.label}`);
  const capacity = contextLengthOf(config);
  const graph = buildDecoder(config, { precision, capacity, cache: cacheStyle(runtime), layout });
  const places = placesFor(folder, manifest, graph);
  const files = [...new Set(manifest.weights.map(({ file }) => file))];
  try {
    const external = await Promise.all(files.map(async (path) => ({ path, data: await folder.externalData(path) })));
    const session = await createSession(runtime, { model: bundleWithFiles(graph, places), external });
    const weightBytes = manifest.weights.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const table = await embeddingTableOf(folder, embedding);
    return new OlmoModel({ config, precision, runtime, parameters, weightBytes }, session, table);
  } finally {
    await folder.release();
  }
}

/** The manifest. Throws `not-found` where the folder holds no finished model. */
export async function requireManifest(folder: StoredModel): Promise<Manifest> {
  const manifest = await readManifest(folder);
  if (manifest !== null) return manifest;
  const nextStep = 'Its conversion did not finish: convert the checkpoint again to resume.';
  throw new LabError('not-found', `${shown(folder.label)} has no ${MANIFEST_FILE}.`, nextStep);
}

/** Checks every file against the manifest. Throws a `format` error that names the first one that differs. */
export async function checkFiles(
  folder: StoredModel,
  manifest: Manifest,
  { check = 'bytes', signal, onProgress }: OpenConvertedOptions = {},
): Promise<void> {
  const totalBytes = Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
  let doneBytes = 0;
  const onBytes = (bytes: number): void => onProgress?.((doneBytes += bytes), totalBytes);
  for (const [file, digest] of Object.entries(manifest.files)) {
    const source = await folder.open(file);
    await checkDigest(`${folder.label}: ${file}`, source, digest, check === 'bytes', { signal, onBytes });
  }
}

/** Where each value of the graph lies. Throws a `format` error that names a value that is not there as the graph wants it. */
export function placesFor(folder: StoredModel, manifest: Manifest, graph: DecoderGraph): OnnxInitializer[] {
  const stored = new Map(manifest.weights.map((place) => [place.name, place]));
  return graph.weights.flatMap(({ values }) =>
    values.map(({ name, type, shape }) => {
      const place = stored.get(name);
      if (place?.type !== type || place.shape.join() !== shape.join()) {
        const problem = `${shown(folder.label)} holds no ${name} as ${type} [${shape.join(', ')}].`;
        throw new LabError('format', problem, 'Another version of the lab made it: convert the checkpoint again.');
      }
      const { file, offset, byteLength } = place;
      return { name, type, shape, data: { file, offset, byteLength } };
    }),
  );
}

/** The embedding rows of a converted model, as they came. Throws `not-found` where their file is gone. */
export async function embeddingTableOf(
  folder: StoredModel,
  { file, dtype, shape }: Manifest['embedding'],
): Promise<EmbeddingTable> {
  const source = await folder.open(file);
  if (source === null) throw new LabError('not-found', `${shown(folder.label)} has no ${file}.`, 'Convert it again.');
  const entry = { name: 'model.embed_tokens.weight', dtype, shape, start: 0, end: source.byteLength };
  return new EmbeddingTable({ source, entry });
}
