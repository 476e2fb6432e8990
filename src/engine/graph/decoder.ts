/**
 * A config becomes an ONNX graph: a run of decoder blocks with a place to add a vector after each, their residuals as outputs,
 * and, at the end, the head. Embedding rows come in from outside, so the embedding table never enters the graph.
 */
import type { OnnxNode, OnnxValue } from '../../formats/bytes/onnx.ts';
import type { OnnxInitializer } from '../../formats/bytes/onnx.ts';
import type { OlmoConfig } from '../checkpoint/config.ts';
import { residPost } from '../run/residual-sites.ts';
import { cacheNames, PACKING_INPUTS, type BlockContext, type CacheStyle } from './attention.ts';
import { block } from './block.ts';
import { GraphBuilder, type WeightDeclaration, type WeightLayout } from './builder.ts';
import { linear } from './linear.ts';
import { plainLayerNorm, rmsNorm } from './norms.ts';
import { encodingOf, type Precision } from './precisions.ts';

export interface DecoderOptions {
  readonly precision: Precision;
  readonly capacity: number; // positions that the rotary caches cover
  readonly cache?: CacheStyle; // 'in-place' by default
  readonly layers?: readonly [from: number, to: number]; // blocks from ≤ l < to; all by default
  readonly layout?: WeightLayout; // whole weights by default
  readonly head?: boolean; // final norm and logits; by default where the last block is included
}

/** The graph without its weights, and what weights it wants. */
export interface DecoderGraph {
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants: readonly OnnxInitializer[];
  readonly weights: readonly WeightDeclaration[];
}

/**
 * Inputs: `inputs_embeds` [tokens, hidden] (or `resid_post.<from − 1>`), `place_tokens` [batch, sequence] (the token at each place of
 * the rows, whose attention is computed in rows of equal width), `token_places` [tokens] (row · sequence + position of each token),
 * `token_rows` [tokens], `seqlens_k` [batch] (tokens known to each row
 * after this run, less one), `total_sequence_length` [1], `steering` [layers, batch, hidden] (added after each block),
 * `logit_rows` [n] (which tokens the head reads), `past.N.key`/`.value` [batch, kvHeads, capacity, headDim], and,
 * where the cache is appended, `position_ids` [batch, sequence].
 * Outputs: `resid_post.N` [tokens, hidden], `logits` [n, vocab], and `present.N.key`/`.value` [batch, kvHeads, present,
 * headDim], or `new.N.key`/`.value` [batch, sequence, kvHeads · headDim], rotated.
 */
export function buildDecoder(config: OlmoConfig, options: DecoderOptions): DecoderGraph {
  const { precision, capacity, cache = 'in-place' } = options;
  const [from, to] = options.layers ?? [0, config.layers];
  const hasHead = options.head ?? to === config.layers;
  const graph = new GraphBuilder(options.layout);
  const context: BlockContext = { graph, config, precision, capacity, cache };
  const first = from === 0 ? 'inputs_embeds' : residPost(from - 1);
  let x = first;
  for (let layer = from; layer < to; layer++) {
    const rows = graph.node('Gather', `steering.${layer}.rows`, ['steering', indexConstant(graph, layer - from)]); // [B, D]
    const push = graph.node('Gather', `steering.${layer}`, [rows, PACKING_INPUTS.rows], { axis: { int: 0 } }); // [T, D]
    x = graph.node('Add', residPost(layer), [block(context, layer, x), push]);
  }
  const layers = Array.from({ length: to - from }, (_, i) => from + i);
  const { hiddenSize } = config;
  const hidden = (name: string): OnnxValue => floats(name, ['tokens', hiddenSize]);
  const heads = hasHead ? [head(context, x)] : [];
  return {
    nodes: graph.nodes,
    constants: graph.constants,
    weights: graph.weights,
    inputs: [
      hidden(first),
      integers(PACKING_INPUTS.tokens, ['batch_size', 'sequence']),
      ...[PACKING_INPUTS.places, PACKING_INPUTS.rows].map((name) => integers(name, ['tokens'])),
      { name: 'seqlens_k', type: 'int32', shape: ['batch_size'] },
      { name: 'total_sequence_length', type: 'int32', shape: [1] },
      ...(cache === 'appended' ? [integers('position_ids', ['batch_size', 'sequence'])] : []),
      floats('steering', [layers.length, 'batch_size', hiddenSize]),
      ...(hasHead ? [integers('logit_rows', ['logit_rows'])] : []),
      ...layers.flatMap((layer) => pastCache(config, layer)),
    ],
    outputs: [
      ...layers.map((layer) => hidden(residPost(layer))),
      ...heads,
      ...layers.flatMap((layer) => writtenCache(config, layer, cache)),
    ],
  };
}

function floats(name: string, shape: OnnxValue['shape']): OnnxValue {
  return { name, type: 'float32', shape };
}

function integers(name: string, shape: OnnxValue['shape']): OnnxValue {
  return { name, type: 'int64', shape };
}

function pastCache({ kvHeads, headDim }: OlmoConfig, layer: number): OnnxValue[] {
  const shape = ['batch_size', kvHeads, 'capacity', headDim];
  return [floats(cacheNames.pastKey(layer), shape), floats(cacheNames.pastValue(layer), shape)];
}

/** What a run hands on to the cache: all of it, or the new tokens' part. */
function writtenCache({ kvHeads, headDim }: OlmoConfig, layer: number, style: CacheStyle): OnnxValue[] {
  if (style === 'appended') {
    const shape = ['batch_size', 'sequence', kvHeads * headDim];
    return [floats(cacheNames.newKey(layer), shape), floats(cacheNames.newValue(layer), shape)];
  }
  const shape = ['batch_size', kvHeads, 'present', headDim];
  return [floats(cacheNames.presentKey(layer), shape), floats(cacheNames.presentValue(layer), shape)];
}

/** x [T, D] → logits [n, vocab] of the tokens asked for, so that a long prompt costs one row of logits, not all. */
function head(context: BlockContext, x: string): OnnxValue {
  const { graph, config } = context;
  const rows = graph.node('Gather', 'head.rows', [x, 'logit_rows'], { axis: { int: 0 } }); // [n, D]
  logits(context, rows);
  return floats('logits', ['logit_rows', config.vocabSize]);
}

/** x [..., D] → `logits` [..., vocab]: final norm and head. */
export function logits(context: BlockContext, x: string): void {
  const { graph, config, precision } = context;
  const normed =
    config.family === 'olmo'
      ? plainLayerNorm(context, 'head.norm', x)
      : rmsNorm(context, 'head.norm', x, 'model.norm.weight', config.hiddenSize);
  const tensor = config.tiedEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight';
  const shape = { rows: config.vocabSize, columns: config.hiddenSize };
  linear(graph, encodingOf(precision, 'head'), 'logits', normed, tensor, shape);
}

function indexConstant(graph: GraphBuilder, index: number): string {
  return graph.constant(`index.${index}`, 'int64', [], () => BigInt64Array.of(BigInt(index)));
}
