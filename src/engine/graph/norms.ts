import type { OlmoConfig } from '../checkpoint/config.ts';
import type { GraphBuilder } from './builder.ts';

interface NormContext {
  readonly graph: GraphBuilder;
  readonly config: OlmoConfig;
}

/** x / rms(x) · weight over the last axis, of length `size`. */
export function rmsNorm({ graph, config }: NormContext, name: string, x: string, tensor: string, size: number): string {
  const values = [{ name: tensor, type: 'float32', shape: [size] }] as const;
  const [weight = ''] = graph.weight({ tensor, shape: [size], encoding: 'vector', values });
  const attributes = { axis: { int: -1 }, epsilon: { float: config.normEps }, stash_type: { int: 1 } };
  return graph.node('SimplifiedLayerNormalization', name, [x, weight], attributes);
}

/** (x − mean) / std over the last axis, without weights: OLMo 1's norm. */
export function plainLayerNorm({ graph, config }: NormContext, name: string, x: string): string {
  const ones = graph.constant('ones', 'float32', [config.hiddenSize], () =>
    new Float32Array(config.hiddenSize).fill(1),
  );
  const attributes = { axis: { int: -1 }, epsilon: { float: config.normEps } };
  return graph.node('LayerNormalization', name, [x, ones], attributes);
}
