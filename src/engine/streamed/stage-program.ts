/** A compiled stage: a batch of residuals goes in with the stage's weights, and comes out one stage further. */
import { enterActivity } from '../../core/activity.ts';
import type { OlmoConfig } from '../checkpoint/config.ts';
import { PACKING_INPUTS } from '../graph/attention.ts';
import { bundleWithInputs } from '../graph/bundle.ts';
import type { WeightDeclaration } from '../graph/builder.ts';
import { cacheStyle, createPassCache } from '../run/kv-cache.ts';
import { placesOfTokens, tokensOfPlaces } from '../run/packing.ts';
import type { PromptBatch } from '../run/prompt-batches.ts';
import { createSession, deviceError, type Runtime, type Session, type Tensor } from '../device/runtime.ts';
import { buildStage, layerConfig, stageBorder, type Stage, type StreamedPrecision } from './stage-graph.ts';

export class StageProgram {
  readonly weights: readonly WeightDeclaration[]; // that it wants as inputs, named as in layer 0
  readonly #runtime: Runtime;
  readonly #config: OlmoConfig; // of one layer
  readonly #session: Session;
  readonly #border: ReturnType<typeof stageBorder>;

  private constructor(
    runtime: Runtime,
    config: OlmoConfig,
    stage: Stage,
    weights: readonly WeightDeclaration[],
    session: Session,
  ) {
    this.#runtime = runtime;
    this.#config = layerConfig(config, stage);
    this.#border = stageBorder(stage);
    this.weights = weights;
    this.#session = session;
  }

  /** Compiles what every stage of this one's kind runs on. Throws a `device` error where ONNX Runtime refuses. */
  static async compile(
    runtime: Runtime,
    config: OlmoConfig,
    stage: Stage,
    capacity: number,
    precision: StreamedPrecision,
  ): Promise<StageProgram> {
    const graph = buildStage(config, stage, { capacity, cache: cacheStyle(runtime), precision });
    const bundle = { model: bundleWithInputs(graph), weights: new Uint8Array(), weightsFile: 'none' };
    return new StageProgram(runtime, config, stage, graph.weights, await createSession(runtime, bundle));
  }

  /**
   * Runs one batch: x [tokens, hidden] → the same shape. `out` is where the result goes, on WebGPU; null lets it come back to
   * the CPU. Throws a `device` error where the run fails.
   */
  async run(
    x: Tensor,
    batch: PromptBatch,
    weights: Readonly<Record<string, Tensor>>,
    out: Tensor | null,
  ): Promise<Tensor> {
    const { input, output } = this.#border;
    const names = this.#session.inputNames;
    const hasCache = names.includes('seqlens_k');
    const cache = hasCache ? createPassCache(this.#runtime, this.#config, batch.indices.length, batch.width) : null;
    const offered: Record<string, Tensor> = { ...weights, ...this.#positions(batch), ...cache?.feeds(), [input]: x };
    const feeds = Object.fromEntries(Object.entries(offered).filter(([name]) => names.includes(name)));
    enterActivity({ kind: 'model', of: '' });
    try {
      const outputs = await this.#session.run(feeds, { ...cache?.fetches(), [output]: out });
      return outputs[output] as Tensor;
    } catch (cause) {
      throw deviceError(cause, this.#runtime.provider, 'failed while running a layer');
    } finally {
      cache?.dispose();
    }
  }

  /** What the graph may ask for beside residuals and weights: which positions are tokens, and a push of nothing. */
  #positions(batch: PromptBatch): Record<string, Tensor> {
    const { lengths, width, tokens } = batch;
    const { ort } = this.#runtime;
    const int64 = (values: BigInt64Array, dims: number[]): Tensor => new ort.Tensor('int64', values, dims);
    const { places, rows: rowsOfTokens } = placesOfTokens(batch);
    const rows = lengths.length;
    const { hiddenSize } = this.#config;
    const positions = BigInt64Array.from({ length: rows * width }, (_, i) => BigInt(i % width));
    return {
      seqlens_k: new ort.Tensor(
        'int32',
        Int32Array.from(lengths, (length) => length - 1),
        [rows],
      ),
      total_sequence_length: new ort.Tensor('int32', Int32Array.of(width), [1]),
      position_ids: int64(positions, [rows, width]),
      [PACKING_INPUTS.tokens]: int64(tokensOfPlaces(batch), [rows, width]),
      [PACKING_INPUTS.places]: int64(places, [tokens]),
      [PACKING_INPUTS.rows]: int64(rowsOfTokens, [tokens]),
      steering: new ort.Tensor('float32', new Float32Array(rows * hiddenSize), [1, rows, hiddenSize]),
    };
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}
