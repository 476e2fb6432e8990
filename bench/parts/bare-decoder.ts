/**
 * The bare decoder: Harmscope's blocks and converted weights without anything specific to Harmscope: no steering input, no residual
 * output and no key-value cache, so attention sees only the tokens of the run. What remains are the products, norms, rotary positions
 * and attention that any decoder of this shape needs, so its speed is what ONNX Runtime alone can reach.
 */
import { packRows } from '../../src/engine/run/packing.ts';
import { requireJson } from '../../src/engine/checkpoint/checkpoint-files.ts';
import { parseConfig, type OlmoConfig } from '../../src/engine/checkpoint/config.ts';
import type { StoredModel } from '../../src/engine/convert/model-folder.ts';
import { embeddingTableOf, requireManifest } from '../../src/engine/convert/open-converted.ts';
import type { EmbeddingTable } from '../../src/engine/checkpoint/embedding-table.ts';
import { MICROSOFT } from '../../src/engine/graph/builder.ts';
import { PACKING_INPUTS } from '../../src/engine/graph/attention.ts';
import { buildDecoder, type DecoderGraph } from '../../src/engine/graph/decoder.ts';
import type { Runtime, Session, Tensor } from '../../src/engine/device/runtime.ts';
import { writeOnnxModel, type OnnxNode } from '../../src/formats/bytes/onnx.ts';

const OPSETS = { '': 17, [MICROSOFT]: 1 };
const BARE_INPUTS = new Set([
  'inputs_embeds',
  'seqlens_k',
  'total_sequence_length',
  'logit_rows',
  'place_tokens',
  'token_places',
]);

export interface BareRun {
  readonly ms: number; // time in ONNX Runtime only: the embedding rows are prepared before
  readonly logits: Float32Array; // [rows, vocab]
}

export class BareDecoder {
  readonly #session: Session;
  readonly #runtime: Runtime;
  readonly #config: OlmoConfig;
  readonly #embeddings: EmbeddingTable;

  private constructor(session: Session, runtime: Runtime, config: OlmoConfig, embeddings: EmbeddingTable) {
    this.#session = session;
    this.#runtime = runtime;
    this.#config = config;
    this.#embeddings = embeddings;
  }

  /** Compiles the bare decoder of a converted model with its weights in `folder`, for runs of at most `tokens` tokens per row. */
  static async open(folder: StoredModel, runtime: Runtime, tokens: number): Promise<BareDecoder> {
    const { precision, layout, weights, embedding } = await requireManifest(folder);
    const config = parseConfig(await requireJson(folder, 'config.json'), 'config.json');
    const { constants, nodes, inputs, outputs } = bare(buildDecoder(config, { precision, capacity: tokens, layout }));
    const places = weights.map(({ name, type, shape, ...data }) => ({ name, type, shape, data }));
    const initializers = [...constants.filter(({ name }) => !name.startsWith('index.')), ...places];
    const model = writeOnnxModel({ graphName: 'bare', nodes, inputs, outputs, initializers, opsets: OPSETS });
    const files = [...new Set(weights.map(({ file }) => file))];
    try {
      const externalData = await Promise.all(
        files.map(async (path) => ({ path, data: await folder.externalData(path) })),
      );
      const session = await runtime.ort.InferenceSession.create(model, {
        executionProviders: [runtime.provider],
        externalData,
        graphOptimizationLevel: 'all',
      });
      return new BareDecoder(session, runtime, config, await embeddingTableOf(folder, embedding));
    } finally {
      await folder.release();
    }
  }

  /** One run over rows of equal length, up to the logits [rows, vocab] of each row's last token. */
  async run(ids: readonly (readonly number[])[]): Promise<BareRun> {
    const { ort } = this.#runtime;
    const [rows, tokens] = [ids.length, ids[0]?.length ?? 0];
    const embeds = await this.#embeddings.embed(ids, packRows(ids.map(() => tokens)));
    const start = performance.now();
    const int32 = (values: number[]): Tensor => new ort.Tensor('int32', Int32Array.from(values), [values.length]);
    const order = BigInt64Array.from({ length: rows * tokens }, (_, token) => BigInt(token));
    const last = ids.map((_, row) => BigInt((row + 1) * tokens - 1));
    const { logits } = await this.#session.run({
      inputs_embeds: new ort.Tensor('float32', embeds, [rows * tokens, this.#config.hiddenSize]),
      [PACKING_INPUTS.tokens]: new ort.Tensor('int64', order, [rows, tokens]),
      [PACKING_INPUTS.places]: new ort.Tensor('int64', order, [rows * tokens]),
      seqlens_k: int32(ids.map(() => tokens - 1)),
      total_sequence_length: int32([tokens]),
      logit_rows: new ort.Tensor('int64', BigInt64Array.from(last), [rows]),
    });
    return { ms: performance.now() - start, logits: logits?.data as Float32Array };
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}

/** Removes the steering, the cache, and every output except the logits. */
function bare({ nodes, inputs, outputs, ...rest }: DecoderGraph): DecoderGraph {
  const pushes = new Set(nodes.filter(({ name }) => name.startsWith('steering.')).map(({ name }) => name));
  const steered = new Map<string, string>(); // a block's residual after steering → before it
  for (const node of nodes) {
    const [before = '', push = ''] = node.inputs;
    if (pushes.has(push)) steered.set(node.name, before);
  }
  const withoutPast = (name: string): string => (name.startsWith('past.') ? '' : (steered.get(name) ?? name));
  return {
    ...rest,
    nodes: nodes
      .filter(({ name }) => !pushes.has(name) && !steered.has(name))
      .map((node): OnnxNode => ({ ...node, inputs: node.inputs.map(withoutPast) })),
    inputs: inputs.filter(({ name }) => BARE_INPUTS.has(name)),
    outputs: outputs.filter(({ name }) => name === 'logits'),
  };
}
