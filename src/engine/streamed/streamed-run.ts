/** One streamed extraction from its first layer, or the one it goes on from, to its last. */
import type { StreamedRequest, StreamedOptions } from './streamed-request.ts';
import { highest } from '../../core/statistics/min-max.ts';
import { LabError } from '../../core/errors.ts';
import { unlessAborted } from '../device/unless-aborted.ts';
import { yieldToEventLoop } from '../device/event-loop.ts';
import { allFinite, checkPooled } from '../run/finite-checks.ts';
import { checkLayers, checkPrompts, poolBatch, type PromptBatch } from '../run/prompt-batches.ts';
import type { Runtime, Tensor } from '../device/runtime.ts';
import { EmbeddingRows } from './embedding-rows.ts';
import { forgetProgress, keepStage, keptPrefix, resumeAfter } from './kept-progress.ts';
import { ResidualState, type ResidualPlace } from './residual-state.ts';
import type { KeptState } from './kept-progress.ts';
import { residualBytes, residualPlace, runBatches } from './run-budget.ts';
import { StageBuffers } from './stage-buffers.ts';
import { lastStageOf, layerOf, stageKind, type Stage } from './stage-graph.ts';
import { StageProgram } from './stage-program.ts';
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
  readonly #last: Stage;
  readonly #buffers: StageBuffers;
  readonly #capacity: number; // positions that the rotary caches cover
  readonly #programs = new Map<string, Promise<StageProgram>>();
  #embeddingBytes = 0;
  #stageNow: Stage = 0;

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
    this.#last = layers.length === 0 ? -1 : lastStageOf(highest(layers));
    this.#buffers = new StageBuffers(runtime);
    this.#capacity = Math.max(1, highest(batches.map(({ width }) => width)));
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

  /** Runs all stages that are left. */
  async finish(): Promise<ReadonlyMap<number, Float32Array>> {
    if (this.#batches.length === 0 || this.#last < 0) return this.#pooled;
    const first = await this.#start();
    try {
      for (let stage = first; stage <= this.#last; stage++) await this.#stage(stage);
    } catch (error) {
      if (error instanceof LabError && error.code === 'format') await this.#forget(); // bad weights: nothing to go on from
      throw error;
    }
    await this.#forget();
    return this.#pooled;
  }

  /** Frees weights, programs and residuals; what the store keeps for a restart stays. */
  async dispose(): Promise<void> {
    this.#checkpoint.reader.stop();
    if (!this.#isResumable) await this.#forget();
    this.#state.dispose();
    this.#buffers.dispose();
    for (const program of await Promise.allSettled(this.#programs.values())) {
      if (program.status === 'fulfilled') await program.value.dispose();
    }
  }

  /** The first stage to run: after the one that was finished before, else 0, once the embeddings are there. */
  async #start(): Promise<Stage> {
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

  /** The stage that an earlier run finished, −1 for none. */
  async #resume(): Promise<Stage> {
    if (this.#kept === null || !this.#isResumable) return -1;
    const finished = await resumeAfter(this.#kept, this.#pooled);
    if (finished >= 0) await this.#state.forget(finished - 1); // left where the process ended between two steps
    return finished;
  }

  async #stage(stage: Stage): Promise<void> {
    const { reader } = this.#checkpoint;
    this.#stageNow = stage;
    const raw = await this.#unlessStopped(reader.take(stage));
    const program = await this.#program(stage);
    const weights = this.#buffers.fill(stage, program.weights, raw);
    if (stage < this.#last) reader.prefetch(stage + 1);
    let done = 0;
    for (const [index, batch] of this.#batches.entries()) {
      await this.#beforeRun();
      const x = await this.#state.read(stage - 1, index);
      const output = await program.run(x, batch, weights, this.#state.room(index));
      await this.#accept(stage, index, batch, output);
      done += batch.indices.length;
      this.#report(stage, done);
    }
    if (stage < this.#last) await this.#keep(stage);
  }

  /** Keeps what a run gave, pooled where its layer was asked for. */
  async #accept(stage: Stage, index: number, batch: PromptBatch, output: Tensor): Promise<void> {
    const pooled = this.#pooledAt(stage);
    const isLast = stage === this.#last;
    const values = await this.#state.write(stage, index, output, { needsValues: pooled !== null, isLast });
    if (values === null || pooled === null) return;
    if (this.#request.precision === 'float16') checkFinite(values, pooled.layer);
    const { hiddenSize } = this.#checkpoint.config;
    poolBatch(values, batch, hiddenSize, this.#request.pooling, pooled.values);
    checkPooled(pooled.values, batch.indices, hiddenSize, pooled.layer);
  }

  /** Where `resid_post` of the layer that the stage ends is pooled to; null where it ends none, or one that was not asked for. */
  #pooledAt(stage: Stage): { layer: number; values: Float32Array } | null {
    const layer = layerOf(stage);
    const values = this.#pooled.get(layer);
    return values === undefined || stage !== lastStageOf(layer) ? null : { layer, values };
  }

  async #keep(stage: Stage): Promise<void> {
    if (this.#kept === null) return;
    if (this.#isResumable) await keepStage(this.#kept, stage, this.#pooledAt(stage));
    await this.#state.forget(stage - 1);
  }

  /** Deletes all that the store holds of this run. */
  async #forget(): Promise<void> {
    if (this.#kept === null) return;
    await forgetProgress(this.#kept, this.#request.layers);
    for (const stage of [this.#stageNow - 1, this.#stageNow]) await this.#state.forget(stage);
  }

  #program(stage: Stage): Promise<StageProgram> {
    const { config } = this.#checkpoint;
    const kind = stageKind(config, stage, this.#capacity);
    const known = this.#programs.get(kind);
    if (known !== undefined) return known;
    const precision = this.#request.precision ?? 'float32';
    const program = StageProgram.compile(this.#runtime, config, stage, this.#capacity, precision);
    this.#programs.set(kind, program);
    return program;
  }

  #report(stage: Stage, done: number): void {
    this.#options.onProgress?.({
      stage,
      stages: this.#last + 1,
      layer: layerOf(stage),
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
    return signal === undefined ? job : unlessAborted(job, signal, interrupted);
  }
}

/** An activation beyond float16 turns into infinity, and from there on into NaN in every layer. */
function checkFinite(values: Float32Array, layer: number): void {
  if (allFinite(values)) return;
  const problem = `The activations of this checkpoint are too large for float16, at layer ${layer} or before it.`;
  throw new LabError('format', problem, 'Extract in float32.');
}

function interrupted(): LabError {
  return new LabError('interrupted', 'The extraction was stopped.', 'Start it again.');
}
