/**
 * The whole language model as one graph with the inputs and outputs that stock transformers.js looks for: token ids in, logits and a
 * growing key-value cache out. Reference: transformers.js 4.3, `models/modeling_utils.js`.
 */
import type { OnnxType, OnnxValue } from '../../formats/bytes/onnx.ts';
import { ONNX_TYPE } from '../../formats/bytes/onnx.ts';
import type { OlmoConfig } from '../checkpoint/config.ts';
import { cacheNames, type BlockContext } from '../graph/attention.ts';
import { block } from '../graph/block.ts';
import { GraphBuilder, type WeightLayout } from '../graph/builder.ts';
import type { Precision } from '../graph/precisions.ts';
import { logits, type DecoderGraph } from '../graph/decoder.ts';

/** The name of the embedding table, which is an initializer beside the weights that the graph declares. */
export const EMBEDDING_TABLE = 'model.embed_tokens.table';

const HIDDEN = 1e9; // taken off the score of a padding token: its share rounds to nothing, and no score overflows
const END = 2n ** 63n - 1n; // of a slice that reaches to the end

/**
 * Inputs: `input_ids` and `position_ids` [batch, sequence], `attention_mask` [batch, total] (0 hides a padding token, also one at the
 * left), `num_logits_to_keep` [] (of the last tokens; 0: all), `past_key_values.N.key`/`.value` [batch, kvHeads, past, headDim].
 * Outputs: `logits` [batch, kept, vocab], `present.N.key`/`.value` [batch, kvHeads, total, headDim].
 * The table `EMBEDDING_TABLE` [vocab, hidden] in float32 is for the caller to add.
 */
export function buildLanguageModel(config: OlmoConfig, precision: Precision, layout: WeightLayout): DecoderGraph {
  const graph = new GraphBuilder(layout);
  const context: BlockContext = { graph, config, precision, capacity: config.contextLength, cache: 'grown' };
  sequenceLengths(graph);
  let x = graph.node('Gather', 'embeddings', [EMBEDDING_TABLE, 'input_ids'], { axis: { int: 0 } }); // [B, S, D]
  for (let layer = 0; layer < config.layers; layer++) x = block(context, layer, x);
  logits(context, lastTokens(graph, x));
  const layers = Array.from({ length: config.layers }, (_, layer) => layer);
  return {
    nodes: graph.nodes,
    constants: graph.constants,
    weights: graph.weights,
    inputs: [
      { name: 'input_ids', type: 'int64', shape: ['batch_size', 'sequence_length'] },
      { name: 'attention_mask', type: 'int64', shape: ['batch_size', 'total_sequence_length'] },
      { name: 'position_ids', type: 'int64', shape: ['batch_size', 'sequence_length'] },
      { name: 'num_logits_to_keep', type: 'int64', shape: [] },
      ...layers.flatMap((layer) => [
        cached(config, cacheNames.grownPastKey(layer), 'past_sequence_length'),
        cached(config, cacheNames.grownPastValue(layer), 'past_sequence_length'),
      ]),
    ],
    outputs: [
      { name: 'logits', type: 'float32', shape: ['batch_size', 'kept', config.vocabSize] },
      ...layers.flatMap((layer) => [
        cached(config, cacheNames.presentKey(layer), 'total_sequence_length'),
        cached(config, cacheNames.presentValue(layer), 'total_sequence_length'),
      ]),
    ],
  };
}

/** transformers.js makes the empty cache by the names of its dimensions: `batch_size` is the batch, an unknown name is 0. */
function cached({ kvHeads, headDim }: OlmoConfig, name: string, positions: string): OnnxValue {
  return { name, type: 'float32', shape: ['batch_size', kvHeads, positions, headDim] };
}

/**
 * What the attention operator asks for, from the mask: `seqlens_k` [batch] and `total_sequence_length` [1] count padding too, since
 * every row of the cache is equally long; `attention_bias` [batch, 1, sequence, total] hides it.
 */
function sequenceLengths(graph: GraphBuilder): void {
  const batch = dimension(graph, 'attention_mask', 0);
  const total = dimension(graph, 'attention_mask', 1);
  const sequence = dimension(graph, 'input_ids', 1);
  const one = integers(graph, 'one', 1n);
  cast(graph, 'total_sequence_length', total, 'int32');
  const last = graph.node('Sub', 'last_position', [total, one]);
  graph.node('Expand', 'seqlens_k', [cast(graph, 'last_position.int32', last, 'int32'), batch]);
  const float = (name: string, value: number): string =>
    graph.constant(name, 'float32', [], () => Float32Array.of(value));
  const isSeen = cast(graph, 'mask.float32', 'attention_mask', 'float32');
  const minusOne = graph.node('Sub', 'mask.less_one', [isSeen, float('one.float32', 1)]);
  const row = graph.node('Mul', 'mask.bias', [minusOne, float('hidden', HIDDEN)]); // [B, T]
  const wide = graph.node('Unsqueeze', 'mask.bias.wide', [row, integers(graph, 'heads_and_queries', 1n, 2n)]);
  const shape = graph.node('Concat', 'mask.bias.shape', [batch, one, sequence, total], { axis: { int: 0 } });
  graph.node('Expand', 'attention_bias', [wide, shape]);
}

/** x [B, S, D] → [B, kept, D]. */
function lastTokens(graph: GraphBuilder, x: string): string {
  const kept = graph.node('Reshape', 'kept', ['num_logits_to_keep', integers(graph, 'one', 1n)]);
  const from = graph.node('Neg', 'kept.from', [kept]); // 0 stays 0: all tokens
  return graph.node('Slice', 'head.rows', [x, from, integers(graph, 'end', END), integers(graph, 'one', 1n)]);
}

/** One size of a tensor's shape, as [1]. */
function dimension(graph: GraphBuilder, tensor: string, axis: number): string {
  return graph.node('Shape', `${tensor}.size.${axis}`, [tensor], { start: { int: axis }, end: { int: axis + 1 } });
}

function integers(graph: GraphBuilder, name: string, ...values: readonly bigint[]): string {
  return graph.constant(name, 'int64', [values.length], () => BigInt64Array.from(values));
}

function cast(graph: GraphBuilder, name: string, x: string, type: OnnxType): string {
  return graph.node('Cast', name, [x], { to: { int: ONNX_TYPE[type] } });
}
