/** Attention through heads, rotary positions and the key-value cache. */
import type { OlmoConfig } from '../checkpoint/config.ts';
import { ropeCaches } from '../run/rope.ts';
import { MICROSOFT, type GraphBuilder } from './builder.ts';
import { linear } from './linear.ts';
import { rmsNorm } from './norms.ts';
import { encodingOf, type Precision } from './precisions.ts';

/**
 * How a run hands on its keys and values. `in-place`: the whole cache as `present.*`, which may be the same GPU buffer as `past.*`.
 * `appended`: the new tokens' alone as `new.*`, for runtimes that copy every output. `grown`: `past_key_values.*` and the new tokens
 * behind it as a longer `present.*`, as other software expects; `attention_bias` then hides what rows are padded with.
 */
export type CacheStyle = 'in-place' | 'appended' | 'grown';

export interface BlockContext {
  readonly graph: GraphBuilder;
  readonly config: OlmoConfig;
  readonly precision: Precision;
  readonly capacity: number; // positions that the caches hold
  readonly cache: CacheStyle;
}

/** Inputs that say which tokens a run holds: see `run/packing.ts`. */
export const PACKING_INPUTS = { tokens: 'place_tokens', places: 'token_places', rows: 'token_rows' } as const;

/** Names that a block's key-value cache has at the graph's border. */
export const cacheNames = {
  pastKey: (layer: number): string => `past.${layer}.key`,
  pastValue: (layer: number): string => `past.${layer}.value`,
  presentKey: (layer: number): string => `present.${layer}.key`,
  presentValue: (layer: number): string => `present.${layer}.value`,
  grownPastKey: (layer: number): string => `past_key_values.${layer}.key`,
  grownPastValue: (layer: number): string => `past_key_values.${layer}.value`,
  newKey: (layer: number): string => `new.${layer}.key`,
  newValue: (layer: number): string => `new.${layer}.value`,
};

/** x [T, D] → [T, D]; of a `grown` cache [B, S, D] → [B, S, D]. */
export function attention(context: BlockContext, layer: number, x: string): string {
  const { graph, config, precision } = context;
  const { heads, kvHeads, headDim, hiddenSize } = config;
  const at = `layer.${layer}.attention`;
  const rope = ropeNames(context, layer);
  const packed = {
    q: project(context, layer, x, 'q', heads * headDim),
    k: project(context, layer, x, 'k', kvHeads * headDim),
    v: project(context, layer, x, 'v', kvHeads * headDim),
  };
  const projected = { q: inRows(context, packed.q), k: inRows(context, packed.k), v: inRows(context, packed.v) };
  const inPlace = context.cache === 'in-place';
  const { q, k, v } = inPlace ? projected : rotate(graph, layer, projected, rope);
  graph.nodes.push({
    op: 'GroupQueryAttention',
    domain: MICROSOFT,
    name: `${at}.gqa`,
    inputs: [
      ...[q, k, v],
      ...pastNames(context.cache, layer),
      ...['seqlens_k', 'total_sequence_length'],
      ...(inPlace ? rope : []),
      ...(context.cache === 'grown' ? ['', '', '', 'attention_bias'] : []), // behind both rotary caches and position_ids
    ],
    outputs: [`${at}.heads`, cacheNames.presentKey(layer), cacheNames.presentValue(layer)],
    attributes: {
      num_heads: { int: heads },
      kv_num_heads: { int: kvHeads },
      do_rotary: { int: inPlace ? 1 : 0 },
      rotary_interleaved: { int: 0 },
      local_window_size: { int: windowOf(context, layer) },
    },
  });
  const shape = { rows: hiddenSize, columns: heads * headDim };
  const tensor = `model.layers.${layer}.self_attn.o_proj.weight`;
  return linear(
    graph,
    encodingOf(precision, 'o'),
    `${at}.o`,
    inTokens(context, `${at}.heads`, heads * headDim),
    tensor,
    shape,
  );
}

/** Tokens [T, N] → rows of equal width [B, S, N]. */
function inRows({ graph, cache }: BlockContext, x: string): string {
  return cache === 'grown' ? x : graph.node('Gather', `${x}.rows`, [x, PACKING_INPUTS.tokens], { axis: { int: 0 } });
}

/** Rows [B, S, N] → tokens [T, N]. */
function inTokens({ graph, cache }: BlockContext, x: string, size: number): string {
  if (cache === 'grown') return x;
  const shape = graph.constant(`flat.${size}`, 'int64', [2], () => BigInt64Array.of(-1n, BigInt(size)));
  const flat = graph.node('Reshape', `${x}.flat`, [x, shape]);
  return graph.node('Gather', `${x}.tokens`, [flat, PACKING_INPUTS.places], { axis: { int: 0 } });
}

function pastNames(cache: CacheStyle, layer: number): readonly string[] {
  const { pastKey, pastValue, grownPastKey, grownPastValue } = cacheNames;
  return cache === 'grown' ? [grownPastKey(layer), grownPastValue(layer)] : [pastKey(layer), pastValue(layer)];
}

type Part = 'q' | 'k' | 'v';

/** x [T, D] → [T, width], clipped (OLMo 1) or normed over all heads at once (q and k of OLMo 2 and 3). */
function project(context: BlockContext, layer: number, x: string, part: Part, width: number): string {
  const { graph, config, precision } = context;
  const weights = `model.layers.${layer}.self_attn.${part}`;
  const shape = { rows: width, columns: config.hiddenSize };
  const name = `layer.${layer}.attention.${part}`;
  const projected = linear(graph, encodingOf(precision, part), name, x, `${weights}_proj.weight`, shape);
  if (config.clipQkv !== null) return clip(graph, projected, config.clipQkv);
  if (config.family === 'olmo' || part === 'v') return projected;
  return rmsNorm(context, `${projected}_norm`, projected, `${weights}_norm.weight`, width);
}

/** Rotates q and k outside of the attention operator, so that the new keys and values can leave the graph by themselves. */
function rotate(
  graph: GraphBuilder,
  layer: number,
  { q, k, v }: Record<Part, string>,
  rope: readonly string[],
): Record<Part, string> {
  const turn = (name: string, input: string): string =>
    graph.node('RotaryEmbedding', name, [input, 'position_ids', ...rope], { interleaved: { int: 0 } }, MICROSOFT);
  return {
    q: turn(`${q}_rotated`, q),
    k: turn(cacheNames.newKey(layer), k),
    v: graph.node('Identity', cacheNames.newValue(layer), [v]),
  };
}

/** The window, the token itself included; −1 where it can never bind, since an active window may cost the fast path. */
function windowOf({ config, capacity }: BlockContext, layer: number): number {
  const binds = config.attention[layer] === 'sliding' && config.slidingWindow < capacity;
  return binds ? config.slidingWindow : -1;
}

/** Names of the cos and sin caches [capacity, headDim / 2]: YaRN acts on full-attention layers only. */
function ropeNames({ graph, config, capacity }: BlockContext, layer: number): readonly string[] {
  const yarn = config.attention[layer] === 'full' ? config.yarn : null;
  const name = yarn === null ? 'rope' : 'rope.yarn';
  const shape = [capacity, config.headDim / 2];
  return [
    graph.constant(`${name}.cos`, 'float32', shape, () => ropeCaches(config, capacity, yarn).cos),
    graph.constant(`${name}.sin`, 'float32', shape, () => ropeCaches(config, capacity, yarn).sin),
  ];
}

function clip(graph: GraphBuilder, x: string, bound: number): string {
  const low = graph.constant('clip.low', 'float32', [], () => Float32Array.of(-bound));
  const high = graph.constant('clip.high', 'float32', [], () => Float32Array.of(bound));
  return graph.node('Clip', `${x}_clipped`, [x, low, high]);
}
