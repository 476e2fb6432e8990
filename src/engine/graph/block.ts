/**
 * One decoder block as graph nodes. Reference: transformers 4.57, `modeling_olmo.py`, `modeling_olmo2.py`, `modeling_olmo3.py`.
 * Shapes: T tokens of this run, D hidden; [B, S, D], batch and sequence, where the cache is `grown`.
 */
import { attention, type BlockContext } from './attention.ts';
import { linear, type LinearShape } from './linear.ts';
import { plainLayerNorm, rmsNorm } from './norms.ts';
import { encodingOf } from './precisions.ts';

/** What stands between a block's attention and its MLP: all that the MLP reads. */
export function residMid(layer: number): string {
  return `layer.${layer}.resid_mid`;
}

/** x [T, D] → [T, D], before steering. */
export function block(context: BlockContext, layer: number, x: string): string {
  return context.config.family === 'olmo' ? preNormBlock(context, layer, x) : postNormBlock(context, layer, x);
}

/** OLMo 1: x + attention(norm(x)), then x + mlp(norm(x)); norms without weights. */
function preNormBlock(context: BlockContext, layer: number, x: string): string {
  const { graph } = context;
  const at = `layer.${layer}`;
  const attended = attention(context, layer, plainLayerNorm(context, `${at}.input_norm`, x));
  const middle = graph.node('Add', residMid(layer), [x, attended]);
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
  const middle = graph.node('Add', residMid(layer), [x, attended]);
  const fed = rmsNorm(
    context,
    `${at}.mlp_norm`,
    mlp(context, layer, middle),
    `${weights}.post_feedforward_layernorm.weight`,
    config.hiddenSize,
  );
  return graph.node('Add', `${at}.out`, [middle, fed]);
}

/** down(silu(gate(x)) · up(x)). */
function mlp({ graph, config, precision }: BlockContext, layer: number, x: string): string {
  const at = `layer.${layer}.mlp`;
  const weights = `model.layers.${layer}.mlp`;
  const inward = { rows: config.intermediateSize, columns: config.hiddenSize };
  const outward = { rows: config.hiddenSize, columns: config.intermediateSize };
  const project = (part: 'gate' | 'up' | 'down', from: string, shape: LinearShape): string =>
    linear(graph, encodingOf(precision, part), `${at}.${part}`, from, `${weights}.${part}_proj.weight`, shape);
  const gate = project('gate', x, inward);
  const up = project('up', x, inward);
  const silu = graph.node('Mul', `${at}.silu`, [gate, graph.node('Sigmoid', `${at}.sigmoid`, [gate])]);
  const gated = graph.node('Mul', `${at}.gated`, [silu, up]);
  return project('down', gated, outward);
}
