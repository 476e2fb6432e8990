/**
 * One decoder block as graph nodes. Reference: transformers 4.57, `modeling_olmo.py`, `modeling_olmo2.py`, `modeling_olmo3.py`.
 * Shapes: B batch, S tokens of this run, D hidden, H heads · head size, G key-value heads · head size.
 */
import type { OlmoConfig } from '../config.ts';
import { ropeCaches } from '../rope.ts';
import { MICROSOFT, type GraphBuilder, type Precision } from './builder.ts';
import { linear } from './linear.ts';

export interface BlockContext {
  readonly graph: GraphBuilder;
  readonly config: OlmoConfig;
  readonly precision: Precision;
  readonly capacity: number; // positions that the caches hold
}

/** Names that a block's key-value cache has at the graph's border. */
export const cacheNames = {
  pastKey: (layer: number): string => `past.${layer}.key`,
  pastValue: (layer: number): string => `past.${layer}.value`,
  presentKey: (layer: number): string => `present.${layer}.key`,
  presentValue: (layer: number): string => `present.${layer}.value`,
};

/** x [B, S, D] → [B, S, D], before steering. */
export function block(context: BlockContext, layer: number, x: string): string {
  return context.config.family === 'olmo' ? preNormBlock(context, layer, x) : postNormBlock(context, layer, x);
}

/** OLMo 1: x + attention(norm(x)), then x + mlp(norm(x)); norms without weights. */
function preNormBlock(context: BlockContext, layer: number, x: string): string {
  const { graph } = context;
  const at = `layer.${layer}`;
  const attended = attention(context, layer, plainLayerNorm(context, `${at}.input_norm`, x));
  const middle = graph.node('Add', `${at}.resid_mid`, [x, attended]);
  const fed = mlp(context, layer, plainLayerNorm(context, `${at}.mlp_norm`, middle));
  return graph.node('Add', `${at}.out`, [middle, fed]);
}

/** OLMo 2 and 3: x + norm(attention(x)), then x + norm(mlp(x)). */
function postNormBlock(context: BlockContext, layer: number, x: string): string {
  const { graph, config } = context;
  const at = `layer.${layer}`;
  const weights = `model.layers.${layer}`;
  const attended = rmsNorm(
    context,
    `${at}.attention_norm`,
    attention(context, layer, x),
    `${weights}.post_attention_layernorm.weight`,
    config.hiddenSize,
  );
  const middle = graph.node('Add', `${at}.resid_mid`, [x, attended]);
  const fed = rmsNorm(
    context,
    `${at}.mlp_norm`,
    mlp(context, layer, middle),
    `${weights}.post_feedforward_layernorm.weight`,
    config.hiddenSize,
  );
  return graph.node('Add', `${at}.out`, [middle, fed]);
}

/** x [B, S, D] → [B, S, D] through heads, rotary positions and the key-value cache. */
function attention(context: BlockContext, layer: number, x: string): string {
  const { graph, config, precision } = context;
  const { heads, kvHeads, headDim, hiddenSize } = config;
  const at = `layer.${layer}.attention`;
  const weights = `model.layers.${layer}.self_attn`;
  const project = (part: 'q' | 'k' | 'v', width: number): string => {
    const projected = linear(graph, precision, `${at}.${part}`, x, `${weights}.${part}_proj.weight`, {
      rows: width,
      columns: hiddenSize,
    });
    if (config.clipQkv !== null) return clip(graph, projected, config.clipQkv);
    if (config.family === 'olmo' || part === 'v') return projected;
    return rmsNorm(context, `${projected}_norm`, projected, `${weights}.${part}_norm.weight`, width); // over all heads at once
  };
  const [cos, sin] = rope(context, layer);
  graph.nodes.push({
    op: 'GroupQueryAttention',
    domain: MICROSOFT,
    name: `${at}.gqa`,
    inputs: [
      project('q', heads * headDim),
      project('k', kvHeads * headDim),
      project('v', kvHeads * headDim),
      cacheNames.pastKey(layer),
      cacheNames.pastValue(layer),
      'seqlens_k',
      'total_sequence_length',
      cos,
      sin,
    ],
    outputs: [`${at}.heads`, cacheNames.presentKey(layer), cacheNames.presentValue(layer)],
    attributes: {
      num_heads: { int: heads },
      kv_num_heads: { int: kvHeads },
      do_rotary: { int: 1 },
      rotary_interleaved: { int: 0 },
      local_window_size: { int: windowOf(context, layer) },
    },
  });
  return linear(graph, precision, `${at}.o`, `${at}.heads`, `${weights}.o_proj.weight`, {
    rows: hiddenSize,
    columns: heads * headDim,
  });
}

/** The window, the token itself included; −1 where it can never bind, since an active window may cost the fast path. */
function windowOf({ config, capacity }: BlockContext, layer: number): number {
  const binds = config.attention[layer] === 'sliding' && config.slidingWindow < capacity;
  return binds ? config.slidingWindow : -1;
}

/** Names of the cos and sin caches [capacity, headDim / 2]: YaRN acts on full-attention layers only. */
function rope({ graph, config, capacity }: BlockContext, layer: number): [string, string] {
  const yarn = config.attention[layer] === 'full' ? config.yarn : null;
  const name = yarn === null ? 'rope' : 'rope.yarn';
  const { cos, sin } = ropeCaches(config, capacity, yarn);
  const shape = [capacity, config.headDim / 2];
  return [graph.constant(`${name}.cos`, 'float32', shape, cos), graph.constant(`${name}.sin`, 'float32', shape, sin)];
}

/** down(silu(gate(x)) · up(x)). */
function mlp({ graph, config, precision }: BlockContext, layer: number, x: string): string {
  const at = `layer.${layer}.mlp`;
  const weights = `model.layers.${layer}.mlp`;
  const inward = { rows: config.intermediateSize, columns: config.hiddenSize };
  const outward = { rows: config.hiddenSize, columns: config.intermediateSize };
  const gate = linear(graph, precision, `${at}.gate`, x, `${weights}.gate_proj.weight`, inward);
  const up = linear(graph, precision, `${at}.up`, x, `${weights}.up_proj.weight`, inward);
  const silu = graph.node('Mul', `${at}.silu`, [gate, graph.node('Sigmoid', `${at}.sigmoid`, [gate])]);
  const gated = graph.node('Mul', `${at}.gated`, [silu, up]);
  return linear(graph, precision, `${at}.down`, gated, `${weights}.down_proj.weight`, outward);
}

/** x / rms(x) · weight over the last axis. */
export function rmsNorm(
  { graph, config }: BlockContext,
  name: string,
  x: string,
  tensor: string,
  size: number,
): string {
  const values = [{ name: tensor, type: 'float32', shape: [size] }] as const;
  const [weight = ''] = graph.weight({
    tensor,
    shape: [size],
    encoding: 'vector',
    values,
  });
  const attributes = {
    axis: { int: -1 },
    epsilon: { float: config.normEps },
    stash_type: { int: 1 },
  };
  return graph.node('SimplifiedLayerNormalization', name, [x, weight], attributes);
}

/** (x − mean) / std over the last axis, without weights: OLMo 1's norm. */
export function plainLayerNorm({ graph, config }: BlockContext, name: string, x: string): string {
  const ones = graph.constant('ones', 'float32', [config.hiddenSize], new Float32Array(config.hiddenSize).fill(1));
  const attributes = { axis: { int: -1 }, epsilon: { float: config.normEps } };
  return graph.node('LayerNormalization', name, [x, ones], attributes);
}

function clip(graph: GraphBuilder, x: string, bound: number): string {
  const low = graph.constant('clip.low', 'float32', [], Float32Array.of(-bound));
  const high = graph.constant('clip.high', 'float32', [], Float32Array.of(bound));
  return graph.node('Clip', `${x}_clipped`, [x, low, high]);
}
