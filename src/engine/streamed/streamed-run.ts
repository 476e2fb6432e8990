/** One streamed extraction from its first layer, or the one it goes on from, to its last. */
import { LabError } from '../../core/errors.ts';
import { yieldToEventLoop } from '../event-loop.ts';
import { checkLayers, checkPrompts, poolBatch, type PromptBatch } from '../prompt-batches.ts';
import type { Runtime } from '../runtime.ts';
import { EmbeddingRows } from './embedding-rows.ts';
import type { StreamedOptions, StreamedRequest } from './extract-streamed.ts';
import { forgetProgress, keepLayer, keptPrefix, resumeAfter } from './kept-progress.ts';
import { LayerBuffers } from './layer-buffers.ts';
import { layerKind } from './layer-graph.ts';
import { LayerProgram } from './layer-program.ts';
import { ResidualState, type KeptState, type ResidualPlace } from './residual-state.ts';
import { residualBytes, residualPlace, runBatches } from './run-budget.ts';
import type { StreamedCheckpoint } from './streamed-checkpoint.ts';

export class StreamedRun {
  readonly #checkpoint: StreamedCheckpoint;
  readonly #runtime: Runtime;
  readonly #request: StreamedRequest;
  readonly #options: StreamedOptions;
  readonly #batches: readonly PromptBatch[];
  readonly #kept: KeptState | null;
  readonly #isResumable: boolean;
  readonly #state: ResidualState;
  readonly #pooled: ReadonlyMap<number, Float32Array>; // layer → [prompts, hidden]
  readonly #last: number; // layer
  readonly #capacity: number; // positions that the rotary caches cover
  readonly #programs = new Map<string, Promise<LayerProgram>>();
  #buffers: LayerBuffers | null = null;
  #embeddingBytes = 0;
  #layerNow = 0;

  private constructor(
    checkpoint: StreamedCheckpoint,
    runtime: Runtime,
    request: StreamedRequest,
    options: StreamedOptions,
    batches: readonly PromptBatch[],
    place: ResidualPlace,
    kept: KeptState | null,
  ) {
    const { config } = checkpoint;
    const { prompts, layers } = request;
    this.#checkpoint = checkpoint;
    this.#runtime = runtime;
    this.#request = request;
    this.#options = options;
    this.#batches = batches;
    this.#kept = kept;
    this.#last = Math.max(-1, ...layers);
    this.#capacity = Math.max(1, ...batches.map(({ width }) => width));
    this.#pooled = new Map(layers.map((layer) => [layer, new Float32Array(prompts.length * config.hiddenSize)]));
    this.#isResumable = kept !== null && options.commit !== undefined;
    this.#state = new ResidualState(runtime, config.hiddenSize, batches, place, kept);
  }

  /** Checks the request; nothing is fetched yet. */
  static async begin(
    checkpoint: StreamedCheckpoint,
    runtime: Runtime,
    request: StreamedRequest,
    options: StreamedOptions,
  ): Promise<StreamedRun> {
    const { prompts, layers, pooling, precision = 'float32' } = request;
    checkLayers(layers, checkpoint.config.layers);
    checkPrompts(prompts, checkpoint.contextLength);
    const batches = runBatches(checkpoint.config, prompts, options.runTokens);
    const { store, commit } = options;
    const bytes = residualBytes(checkpoint.config, batches);
    const place = residualPlace(bytes, runtime.gpu !== null, store !== undefined, options.residentBytes);
    const isKept = store !== undefined && (commit !== undefined || place === 'store');
    const indices = batches.map((batch) => batch.indices);
    const identity = { commit: commit ?? 'unpinned', prompts, layers, pooling, precision, batches: indices };
    const kept = isKept ? { store, prefix: await keptPrefix(identity) } : null;
    return new StreamedRun(checkpoint, runtime, request, options, batches, place, kept);
  }

  /** Runs all layers that are left. */
  async finish(): Promise<ReadonlyMap<number, Float32Array>> {
    if (this.#batches.length === 0) return this.#pooled;
    const first = await this.#start();
    for (let layer = first; layer <= this.#last; layer++) await this.#layer(layer);
    await this.#forget();
    return this.#pooled;
  }

  /** Frees weights, programs and residuals; what the store keeps for a restart stays. */
  async dispose(): Promise<void> {
    this.#checkpoint.reader.stop();
    if (!this.#isResumable) await this.#forget();
    this.#state.dispose();
    this.#buffers?.dispose();
    for (const program of await Promise.allSettled(this.#programs.values())) {
      if (program.status === 'fulfilled') await program.value.dispose();
    }
  }

  /** The first layer to run: after the one that was finished before, else 0, once the embeddings are there. */
  async #start(): Promise<number> {
    const finished = await this.#resume();
    this.#checkStopped();
    this.#checkpoint.reader.prefetch(finished + 1);
    if (finished >= 0) return finished + 1;
    const count = (bytes: number): void => void (this.#embeddingBytes += bytes);
    const { prompts } = this.#request;
    const table = await this.#unlessStopped(EmbeddingRows.fetch(await this.#checkpoint.embeddings(), prompts, count));
    for (const [index, batch] of this.#batches.entries()) {
      await this.#state.begin(index, table.embed(batch, prompts));
    }
    return 0;
  }

  /** The layer that an earlier run finished, −1 for none. */
  async #resume(): Promise<number> {
    if (this.#kept === null || !this.#isResumable) return -1;
    const finished = await resumeAfter(this.#kept, this.#pooled);
    if (finished >= 0) await this.#state.forget(finished - 1); // left where the process ended between two steps
    return finished;
  }

  async #layer(layer: number): Promise<void> {
    const { reader } = this.#checkpoint;
    this.#layerNow = layer;
    const raw = await this.#unlessStopped(reader.take(layer));
    const program = await this.#program(layer);
    this.#buffers ??= new LayerBuffers(this.#runtime, program.weights);
    this.#buffers.fill(layer, raw);
    if (layer < this.#last) reader.prefetch(layer + 1);
    let done = 0;
    for (const [index, batch] of this.#batches.entries()) {
      await this.#beforeRun();
      await this.#run(program, this.#buffers, layer, index, batch);
      done += batch.indices.length;
      this.#report(layer, done);
    }
    await this.#keep(layer);
  }

  async #run(
    program: LayerProgram,
    buffers: LayerBuffers,
    layer: number,
    index: number,
    batch: PromptBatch,
  ): Promise<void> {
    const x = await this.#state.read(layer - 1, index);
    const output = await program.run(x, batch, buffers.feeds, this.#state.room(index));
    const pooled = this.#pooled.get(layer);
    const isLast = layer === this.#last;
    const values = await this.#state.write(layer, index, output, { needsValues: pooled !== undefined, isLast });
    if (values === null || pooled === undefined) return;
    poolBatch(values, batch, this.#checkpoint.config.hiddenSize, this.#request.pooling, pooled);
  }

  async #keep(layer: number): Promise<void> {
    if (this.#kept === null || layer === this.#last) return;
    if (this.#isResumable) await keepLayer(this.#kept, layer, this.#pooled.get(layer) ?? null);
    await this.#state.forget(layer - 1);
  }

  /** Deletes all that the store holds of this run. */
  async #forget(): Promise<void> {
    if (this.#kept === null) return;
    await forgetProgress(this.#kept, this.#request.layers);
    for (const layer of [this.#layerNow - 1, this.#layerNow]) await this.#state.forget(layer);
  }

  #program(layer: number): Promise<LayerProgram> {
    const { config } = this.#checkpoint;
    const kind = layerKind(config, layer, this.#capacity);
    const precision = this.#request.precision ?? 'float32';
    const known = this.#programs.get(kind);
    if (known !== undefined) return known;
    const program = LayerProgram.compile(this.#runtime, config, layer, this.#capacity, precision);
    this.#programs.set(kind, program);
    return program;
  }

  #report(layer: number, done: number): void {
    this.#options.onProgress?.({
      layer,
      layers: this.#last + 1,
      done,
      total: this.#request.prompts.length,
      bytesFetched: this.#embeddingBytes + this.#checkpoint.reader.bytesFetched,
    });
  }

  async #beforeRun(): Promise<void> {
    await yieldToEventLoop();
    await this.#unlessStopped(this.#options.beforeRun?.() ?? Promise.resolve());
    this.#checkStopped();
  }

  #checkStopped(): void {
    if (this.#options.signal?.aborted === true) throw interrupted();
  }

  /** The job's result, or `interrupted` as soon as the signal fires; the job is then left to itself. */
  #unlessStopped<T>(job: Promise<T>): Promise<T> {
    const { signal } = this.#options;
    if (signal === undefined) return job;
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(interrupted());
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop);
      job.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    });
  }
}

function interrupted(): LabError {
  return new LabError('interrupted', 'The extraction was stopped.', 'Start it again.');
}
