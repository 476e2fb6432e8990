/**
 * A checkpoint becomes a converted model: read once, in the order of its files, encoded a few megabytes at a time, and written to
 * places that were laid out before. An interrupted conversion goes on behind the last tensor that is on the disk.
 */
import { configWithTemplates } from '../tokens/template-source.ts';
import { LabError } from '../../core/errors.ts';
import type { BlockSize } from '../../formats/weights/quantised-blocks.ts';
import { readJson, requireJson, type CheckpointFiles } from '../checkpoint/checkpoint-files.ts';
import { checkTiedHead } from '../checkpoint/tied-head.ts';
import { CheckpointTensors } from '../checkpoint/checkpoint-tensors.ts';
import { parseConfig } from '../checkpoint/config.ts';
import { weightCount, WHOLE_WEIGHTS, type WeightDeclaration } from '../graph/builder.ts';
import type { Precision } from '../graph/precisions.ts';
import { buildDecoder } from '../graph/decoder.ts';
import { convertShard, DigestError, type ShardWork } from './convert-shard.ts';
import { digestFile, type FileDigest } from './digests.ts';
import { EMBEDDING_FILE, KEPT_FILES, MANIFEST_FILE } from './file-names.ts';
import { identityOf } from './identity.ts';
import { readJournal, writeJournal, type Journal } from './journal.ts';
import { CONVERT_LIMITS, layOutFiles, placesOf, type ConvertLimits, type FileLayout } from './layout.ts';
import { writeManifest, type Manifest, type SourceFile } from './manifest.ts';
import { readManifest } from './read-manifest.ts';
import type { ModelFolder } from './model-folder.ts';
import { EMBEDDING_TENSOR, planShards, type ShardPlan } from './plan.ts';

export interface ConvertOptions {
  readonly precision: Precision;
  readonly blockSize?: BlockSize; // of q4 and q8; 32 by default
  readonly limits?: Partial<ConvertLimits>;
}

export interface ConvertProgress {
  readonly phase: 'weights' | 'checking';
  readonly doneBytes: number; // of the checkpoint's files, or of the model's own
  readonly totalBytes: number;
  readonly tensor: string; // that is being read; '' between tensors
}

export interface ConvertControl {
  readonly signal?: AbortSignal | undefined; // stops before the next chunk; what is done stays
  readonly onProgress?: ((progress: ConvertProgress) => void) | undefined;
}

/** What a folder holds once it is a model. */
export type ConvertedModel = Manifest;

/**
 * Converts `files` into `store`, from where an earlier attempt stopped; a model of these very bytes and options that is there already is
 * handed back as it is, anything else in the folder is removed. Throws errors that name the file or the tensor; `interrupted` after an
 * abort.
 */
export async function convertCheckpoint(
  files: CheckpointFiles,
  { precision, blockSize = WHOLE_WEIGHTS.blockSize, limits }: ConvertOptions,
  store: ModelFolder,
  control: ConvertControl = {},
): Promise<ConvertedModel> {
  const json = await requireJson(files, 'config.json');
  const config = parseConfig(json, `config.json of ${files.label}`);
  const { partWeights, fileBytes, chunkBytes } = { ...CONVERT_LIMITS, ...limits };
  const layout = { blockSize, partWeights };
  const { weights } = buildDecoder(config, { precision, capacity: 1, layout });
  const tensors = await CheckpointTensors.open(files);
  await tensors.checkLayers(config.layers);
  await checkTiedHead(tensors, config, files.label);
  const shards = await planShards(tensors, config, weights);
  const identity = await identityOf(files, json, precision, layout, shards);
  const existing = await readManifest(store).catch(() => null);
  if (existing?.identity === identity) return existing;
  const places = layOutFiles(weights, fileBytes);
  const journal = await resume(store, identity, shards, places, existing !== null);
  try {
    const sources = await convertShards(files, shards, { places, chunkBytes }, store, journal, control);
    await keepSmallFiles(files, store);
    const outside = config.tiedEmbeddings ? 0 : config.vocabSize * config.hiddenSize; // of the graph
    const manifest: Manifest = {
      ...{ label: files.label, identity, precision, layout },
      parameters: weights.reduce((sum, weight) => sum + weightCount(weight), outside),
      sources,
      embedding: embeddingOf(shards),
      weights: [...places.placements.values()],
      files: await digestAll(store, places, control),
    };
    await store.put(MANIFEST_FILE, writeManifest(manifest));
    for (const name of await store.list()) {
      if (name !== MANIFEST_FILE && manifest.files[name] === undefined) await store.remove(name);
    }
    return manifest;
  } finally {
    await store.release();
  }
}

/** The journal to go on from; a folder that holds something else is emptied. */
async function resume(
  store: ModelFolder,
  identity: string,
  shards: readonly ShardPlan[],
  layout: FileLayout,
  hasManifest: boolean,
): Promise<Journal> {
  const journal = hasManifest ? null : await readJournal(store, identity);
  if (journal !== null && (await holds(store, journal, shards, layout))) return journal;
  await store.remove(MANIFEST_FILE); // first, so that no half-removed model looks whole
  for (const name of await store.list()) await store.remove(name);
  return { identity, done: 0, hash: null, checked: [] };
}

/** Whether the files reach as far as the journal says. */
async function holds(
  store: ModelFolder,
  { done }: Journal,
  shards: readonly ShardPlan[],
  layout: FileLayout,
): Promise<boolean> {
  const jobs = shards.flatMap((shard) => shard.jobs);
  if (done > jobs.length) return false;
  const reached = new Map<string, number>();
  const reach = (file: string, end: number): Map<string, number> =>
    reached.set(file, Math.max(end, reached.get(file) ?? 0));
  for (const { weights, isEmbedding, entry } of jobs.slice(0, done)) {
    if (isEmbedding) reach(EMBEDDING_FILE, entry.end - entry.start);
    for (const { file, offset, byteLength } of weights.flatMap((weight: WeightDeclaration) =>
      placesOf(layout, weight),
    )) {
      reach(file, offset + byteLength);
    }
  }
  for (const [file, end] of reached) if (((await store.open(file))?.byteLength ?? 0) < end) return false;
  return true;
}

/** What the shards need of each other: how much is done, and which digests were checked. */
async function convertShards(
  files: CheckpointFiles,
  shards: readonly ShardPlan[],
  { places, chunkBytes }: { readonly places: FileLayout; readonly chunkBytes: number },
  store: ModelFolder,
  journal: Journal,
  { signal, onProgress }: ConvertControl,
): Promise<readonly SourceFile[]> {
  const bytesOf = (jobs: ShardPlan['jobs']): number =>
    jobs.reduce((sum, { entry }) => sum + entry.end - entry.start, 0);
  const totalBytes = bytesOf(shards.flatMap(({ jobs }) => jobs));
  const checked = new Set(journal.checked);
  let before = 0; // jobs of the files before
  let doneBytes = 0;
  for (const shard of shards) {
    const first = before;
    before += shard.jobs.length;
    const skip = Math.min(shard.jobs.length, Math.max(0, journal.done - first));
    doneBytes += bytesOf(shard.jobs.slice(0, skip));
    if (skip === shard.jobs.length) continue;
    const { identity } = journal;
    const commit: ShardWork['onCommit'] = (jobs, hash, isChecked) => {
      if (isChecked) checked.add(shard.file);
      return writeJournal(store, { identity, done: first + jobs, hash, checked: [...checked] });
    };
    try {
      await convertShard({
        ...{ shard, skip, layout: places, store, chunkBytes, signal },
        hash: journal.hash,
        sha256: files.sha256Of?.(shard.file) ?? null,
        onChunk: (bytes, tensor) => {
          onProgress?.({ phase: 'weights', doneBytes, totalBytes, tensor });
          doneBytes += bytes;
        },
        onCommit: commit,
      });
    } catch (error) {
      if (error instanceof DigestError) await commit(0, null, false); // all of this file is read again next time
      throw error;
    }
  }
  return shards.map(({ file, source }) => ({
    file,
    bytes: source.byteLength,
    sha256: checked.has(file) ? (files.sha256Of?.(file) ?? null) : null,
  }));
}

/** Templates in a folder of their own are kept in tokenizer_config.json: a model's folder is flat. */
async function keepSmallFiles(files: CheckpointFiles, store: ModelFolder): Promise<void> {
  const config = await configWithTemplates(files, (await readJson(files, 'tokenizer_config.json')) ?? {});
  const made = new Map(config === null ? [] : [['tokenizer_config.json', JSON.stringify(config)]]);
  for (const name of KEPT_FILES) {
    if (config !== null && name === 'chat_template.jinja') continue;
    const text = made.get(name);
    const source = text === undefined ? await files.open(name) : null;
    if (text !== undefined) await store.put(name, new TextEncoder().encode(text));
    if (source !== null) await store.put(name, await source.slice(0, source.byteLength));
  }
}

function embeddingOf(shards: readonly ShardPlan[]): Manifest['embedding'] {
  const job = shards.flatMap(({ jobs }) => jobs).find(({ isEmbedding }) => isEmbedding);
  if (job === undefined)
    throw new LabError('internal', `${EMBEDDING_TENSOR} was not planned.`, 'This is a bug: please report it.');
  return { file: EMBEDDING_FILE, dtype: job.entry.dtype, shape: job.entry.shape };
}

/** Reads back what was written, which also shows that it is there. */
async function digestAll(
  store: ModelFolder,
  layout: FileLayout,
  { signal, onProgress }: ConvertControl,
): Promise<Record<string, FileDigest>> {
  await store.release();
  const names = [...layout.files.keys(), EMBEDDING_FILE, ...KEPT_FILES];
  const opened = await Promise.all(names.map((name) => store.open(name)));
  const totalBytes = opened.reduce((sum, source) => sum + (source?.byteLength ?? 0), 0);
  let doneBytes = 0;
  const onBytes = (bytes: number): void => {
    doneBytes += bytes;
    onProgress?.({ phase: 'checking', doneBytes, totalBytes, tensor: '' });
  };
  const digests: Record<string, FileDigest> = {};
  for (const [index, name] of names.entries()) {
    const source = opened[index] ?? null;
    if (source !== null) digests[name] = await digestFile(source, { signal, onBytes });
  }
  return digests;
}
