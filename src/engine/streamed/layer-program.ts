/** A compiled layer: a batch of residuals goes in with the layer's weights, and comes out one layer further. */
import type { OlmoConfig } from '../config.ts';
import { bundleWithInputs } from '../graph/bundle.ts';
import type { WeightDeclaration } from '../graph/builder.ts';
import { cacheStyle, createPassCache } from '../kv-cache.ts';
import type { PromptBatch } from '../prompt-batches.ts';
import { residPost } from '../residual-sites.ts';
import { createSession, deviceError, type Runtime, type Session, type Tensor } from '../runtime.ts';
import { buildLayer, layerConfig, type StreamedPrecision } from './layer-graph.ts';

export class LayerProgram {
  readonly weights: readonly WeightDeclaration[]; // that it wants as inputs, named as in layer 0
  readonly #runtime: Runtime;
  readonly #config: OlmoConfig; // of one layer
  readonly #session: Session;

  private constructor(runtime: Runtime, config: OlmoConfig, weights: readonly WeightDeclaration[], session: Session) {
    this.#runtime = runtime;
    this.#config = config;
    this.weights = weights;
    this.#session = session;
  }

  /** Compiles what every layer of this one's kind runs on. Throws a `device` error where ONNX Runtime refuses. */
  static async compile(
    runtime: Runtime,
    config: OlmoConfig,
    layer: number,
    capacity: number,
    precision: StreamedPrecision,
  ): Promise<LayerProgram> {
    const graph = buildLayer(config, layer, { capacity, cache: cacheStyle(runtime), precision });
    const bundle = { model: bundleWithInputs(graph), weights: new Uint8Array(), weightsFile: 'none' };
    const session = await createSession(runtime, bundle);
    return new LayerProgram(runtime, layerConfig(config, layer), graph.weights, session);
  }

  /**
   * Runs one batch: x [rows, width, hidden] → the same shape. `out` is where the result goes, on WebGPU; null lets it come back to
   * the CPU. Throws a `device` error where the run fails.
   */
  async run(
    x: Tensor,
    { lengths, width }: PromptBatch,
    weights: Readonly<Record<string, Tensor>>,
    out: Tensor | null,
  ): Promise<Tensor> {
    const { ort, provider } = this.#runtime;
    const rows = lengths.length;
    const { hiddenSize } = this.#config;
    const cache = createPassCache(this.#runtime, this.#config, rows, width);
    const site = residPost(0);
    const feeds: Record<string, Tensor> = {
      ...weights,
      ...cache.feeds(),
      inputs_embeds: x,
      seqlens_k: new ort.Tensor(
        'int32',
        Int32Array.from(lengths, (length) => length - 1),
        [rows],
      ),
      total_sequence_length: new ort.Tensor('int32', Int32Array.of(width), [1]),
      steering: new ort.Tensor('float32', new Float32Array(rows * hiddenSize), [1, rows, 1, hiddenSize]),
    };
    if (cacheStyle(this.#runtime) === 'appended') {
      const positions = BigInt64Array.from({ length: rows * width }, (_, i) => BigInt(i % width));
      feeds['position_ids'] = new ort.Tensor('int64', positions, [rows, width]);
    }
    try {
      const outputs = await this.#session.run(feeds, { ...cache.fetches(), [site]: out });
      return outputs[site] as Tensor;
    } catch (cause) {
      throw deviceError(cause, provider, 'failed while running a layer');
    } finally {
      cache.dispose();
    }
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}
