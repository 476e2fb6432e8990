/** One OLMo checkpoint, compiled and ready to run. */
import { enterActivity } from '../../core/activity.ts';
import { highest } from '../../core/statistics/min-max.ts';
import { LabError } from '../../core/errors.ts';
import type { BlockSize } from '../../formats/weights/quantised-blocks.ts';
import { requireJson, type CheckpointFiles } from '../checkpoint/checkpoint-files.ts';
import { CheckpointTensors } from '../checkpoint/checkpoint-tensors.ts';
import { parseConfig, type OlmoConfig } from '../checkpoint/config.ts';
import { contextLengthOf } from '../checkpoint/context-length.ts';
import { EmbeddingTable } from '../checkpoint/embedding-table.ts';
import { bundleWithInitializers } from '../graph/bundle.ts';
import { WHOLE_WEIGHTS } from '../graph/builder.ts';
import type { Precision } from '../graph/precisions.ts';
import { PACKING_INPUTS } from '../graph/attention.ts';
import { buildDecoder } from '../graph/decoder.ts';
import { cacheStyle, createKvCache, createPassCache, type KvCache } from './kv-cache.ts';
import { packedIndex, packRows, padded, placesOfTokens, tokensOfPlaces, type Packing } from './packing.ts';
import { residPost } from './residual-sites.ts';
import { checkTiedHead } from '../checkpoint/tied-head.ts';
import { createSession, deviceError, type Runtime, type Session, type Tensor } from '../device/runtime.ts';

export interface OpenModelOptions {
  readonly precision: Precision;
  readonly blockSize?: BlockSize; // of q4 and q8; 32 by default
  readonly onProgress?: (done: number, total: number, label: string) => void; // in tensors
}

export interface ForwardRequest {
  readonly ids: readonly (readonly number[])[]; // [batch][new tokens of each row], none empty
  readonly cache: KvCache | null; // null: one pass over whole sequences that nothing follows
  readonly steering?: Float32Array | null; // [layers, batch, hidden]
  readonly logits: 'last' | 'all' | 'none'; // of each row's last new token, of all batch · width positions, or of none
  readonly residuals: readonly number[]; // layers to read
}

export interface ForwardResult {
  readonly width: number; // positions a row has in `residuals` and in `logits` of 'all', padding included
  readonly logits: Float32Array | null; // [batch, vocab], or [batch, width, vocab]
  readonly residuals: ReadonlyMap<number, Float32Array>; // layer → [batch, width, hidden], steering included
}

export type ModelParts = Pick<OlmoModel, 'config' | 'precision' | 'runtime' | 'parameters' | 'weightBytes'>;

export class OlmoModel {
  readonly config: OlmoConfig;
  readonly precision: Precision;
  readonly runtime: Runtime;
  readonly contextLength: number; // tokens that a row can hold here
  readonly parameters: number;
  readonly weightBytes: number; // as encoded for the session
  readonly #session: Session;
  readonly #embeddings: EmbeddingTable;

  /** A model whose session and embedding table are there already; it owns the session from here on. */
  constructor(parts: ModelParts, session: Session, embeddings: EmbeddingTable) {
    this.config = parts.config;
    this.precision = parts.precision;
    this.runtime = parts.runtime;
    this.contextLength = contextLengthOf(parts.config);
    this.parameters = parts.parameters;
    this.weightBytes = parts.weightBytes;
    this.#session = session;
    this.#embeddings = embeddings;
  }

  /** Reads, encodes and compiles a checkpoint. Throws errors that name the file, key or tensor. */
  static async open(files: CheckpointFiles, runtime: Runtime, options: OpenModelOptions): Promise<OlmoModel> {
    const { precision, blockSize = WHOLE_WEIGHTS.blockSize } = options;
    const layout = { ...WHOLE_WEIGHTS, blockSize };
    const config = parseConfig(await requireJson(files, 'config.json'), `config.json of ${files.label}`);
    const tensors = await CheckpointTensors.open(files);
    await tensors.checkLayers(config.layers);
    await checkTiedHead(tensors, config, files.label);
    const capacity = contextLengthOf(config);
    const graph = buildDecoder(config, { precision, capacity, cache: cacheStyle(runtime), layout });
    const table = await tensors.locate('model.embed_tokens.weight', [config.vocabSize, config.hiddenSize]);
    const bundle = await bundleWithInitializers(graph, tensors, options.onProgress);
    const session = await createSession(runtime, bundle);
    const weightSizes = graph.weights.map(({ shape }) => shape.reduce((product, size) => product * size, 1));
    const embeddingSize = config.tiedEmbeddings ? 0 : config.vocabSize * config.hiddenSize;
    const parameters = weightSizes.reduce((sum, size) => sum + size, embeddingSize);
    const parts = { config, precision, runtime, parameters, weightBytes: bundle.weights.byteLength };
    return new OlmoModel(parts, session, new EmbeddingTable(table));
  }

  /** Room for `batch` sequences of `capacity` tokens. The caller disposes of it. */
  createCache(batch: number, capacity: number): KvCache {
    this.#checkRoom(capacity);
    return createKvCache(this.runtime, this.config, batch, capacity);
  }

  #checkRoom(tokens: number): void {
    if (tokens <= this.contextLength) return;
    const problem = `${tokens} tokens are asked for; this model has room for ${this.contextLength}.`;
    throw new LabError('context-length', problem, 'Shorten the prompt or the answer.');
  }

  /**
   * Feeds every row its new tokens. Rows may differ in length; several rows of several tokens each are possible only into an
   * empty cache.
   */
  async forward(request: ForwardRequest): Promise<ForwardResult> {
    if (request.cache !== null) {
      checkCapacity(request.ids, request.cache);
      return this.#forward(request, request.cache);
    }
    return this.#pass(packRows(lengthsOf(request.ids)), (cache) => this.#forward(request, cache));
  }

  /** One pass over whole sequences, packed by the caller: layer → [tokens, hidden]. */
  async residuals(
    ids: ForwardRequest['ids'],
    packing: Packing,
    layers: readonly number[],
  ): Promise<ReadonlyMap<number, Float32Array>> {
    const request = { ids, cache: null, logits: 'none', residuals: layers } as const;
    const outputs = await this.#pass(packing, (cache) => this.#outputs(request, cache, packing));
    return new Map(layers.map((layer) => [layer, outputs[residPost(layer)]?.data as Float32Array]));
  }

  #pass<T>({ lengths, width }: Packing, run: (cache: KvCache) => Promise<T>): Promise<T> {
    this.#checkRoom(width);
    const cache = createPassCache(this.runtime, this.config, lengths.length, width);
    return run(cache).finally(() => cache.dispose());
  }

  async #forward(request: ForwardRequest, cache: KvCache): Promise<ForwardResult> {
    const packing = packRows(lengthsOf(request.ids));
    const outputs = await this.#outputs(request, cache, packing);
    const data = (name: string): Float32Array => outputs[name]?.data as Float32Array;
    const residual = (layer: number): Float32Array => padded(data(residPost(layer)), packing, this.config.hiddenSize);
    return {
      width: packing.width,
      logits: request.logits === 'none' ? null : data('logits'),
      residuals: new Map(request.residuals.map((layer) => [layer, residual(layer)])),
    };
  }

  async #outputs(request: ForwardRequest, cache: KvCache, packing: Packing): Promise<Record<string, Tensor>> {
    const feeds = await this.#feeds(request, cache, packing);
    const fetches: Record<string, Tensor | null> = { ...cache.fetches() };
    for (const layer of request.residuals) fetches[residPost(layer)] = null;
    if (request.logits !== 'none') fetches['logits'] = null;
    const outputs = await this.#run(feeds, fetches);
    const added = packing.lengths;
    cache.accept(outputs, added);
    for (const [row, tokens] of added.entries()) cache.lengths[row] = (cache.lengths[row] ?? 0) + tokens;
    return outputs;
  }

  async #run(feeds: Record<string, Tensor>, fetches: Record<string, Tensor | null>): Promise<Record<string, Tensor>> {
    enterActivity({ kind: 'model', of: '' }); // until another is entered: a message for every token's end would be too many
    try {
      return await this.#session.run(feeds, fetches);
    } catch (cause) {
      throw deviceError(cause, this.runtime.provider, 'failed while running the model');
    }
  }

  async #feeds(request: ForwardRequest, cache: KvCache, packing: Packing): Promise<Record<string, Tensor>> {
    const { ids, steering, logits } = request;
    const { width, tokens } = packing;
    const { ort } = this.runtime;
    const { layers, hiddenSize } = this.config;
    const batch = ids.length;
    const before = [...cache.lengths];
    const known = ids.map((row, index) => (before[index] ?? 0) + row.length);
    const push = steering ?? new Float32Array(layers * batch * hiddenSize);
    const int32 = (values: readonly number[]): Tensor =>
      new ort.Tensor('int32', Int32Array.from(values), [values.length]);
    const int64 = (values: readonly number[], dims: number[]): Tensor =>
      new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
    const indices = (values: BigInt64Array, dims: number[]): Tensor => new ort.Tensor('int64', values, dims);
    const rows = logitRows(packing, logits);
    const { places, rows: rowsOfTokens } = placesOfTokens(packing);
    const positions = before.flatMap((start) => Array.from({ length: width }, (_, token) => start + token));
    return {
      ...cache.feeds(),
      ...(cacheStyle(this.runtime) === 'appended' ? { position_ids: int64(positions, [batch, width]) } : {}),
      inputs_embeds: new ort.Tensor('float32', await this.#embeddings.embed(ids, packing), [tokens, hiddenSize]),
      [PACKING_INPUTS.tokens]: indices(tokensOfPlaces(packing), [batch, width]),
      [PACKING_INPUTS.places]: indices(places, [tokens]),
      [PACKING_INPUTS.rows]: indices(rowsOfTokens, [tokens]),
      seqlens_k: int32(known.map((length) => length - 1)),
      total_sequence_length: int32([highest(known)]),
      steering: new ort.Tensor('float32', push, [layers, batch, hiddenSize]),
      logit_rows: int64(rows, [rows.length]),
    };
  }

  /** Frees the session, its weights and GPU buffers. The model cannot run afterwards. */
  async dispose(): Promise<void> {
    await this.#session.release();
  }
}

/** Throws where a row would be written past its end, into the next head's keys. */
function checkCapacity(ids: ForwardRequest['ids'], { capacity, lengths }: KvCache): void {
  for (const [row, { length }] of ids.entries()) {
    const tokens = (lengths[row] ?? 0) + length;
    if (tokens <= capacity) continue;
    const problem = `Row ${row + 1} would hold ${tokens} tokens; its cache has room for ${capacity}.`;
    throw new LabError('context-length', problem, 'Make a larger cache.');
  }
}

const lengthsOf = (ids: ForwardRequest['ids']): number[] => ids.map((row) => row.length);

/** Which tokens the head reads; at least one, since its input may not be empty. Of all places, a row's last token behind its end. */
function logitRows(packing: Packing, logits: ForwardRequest['logits']): number[] {
  if (logits === 'all') return [...tokensOfPlaces(packing)].map(Number);
  const last = packing.lengths.map((length, row) => packedIndex(packing, row, length - 1));
  return logits === 'none' ? last.slice(0, 1) : last;
}
