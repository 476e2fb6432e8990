/**
 * One layer as a program whose weights are inputs. It is built from a config of that layer alone, so every layer of a kind is the
 * same graph, and its names are always those of layer 0.
 */
import type { OnnxNode } from '../../formats/onnx.ts';
import type { OlmoConfig } from '../config.ts';
import type { CacheStyle } from '../graph/attention.ts';
import type { WeightDeclaration } from '../graph/builder.ts';
import { buildDecoder, type DecoderGraph } from '../graph/decoder.ts';

/** How weights lie in memory; activations and sums are float32 in both. */
export type StreamedPrecision = 'float32' | 'float16';

/** The config of a model that consists of this layer. */
export function layerConfig(config: OlmoConfig, layer: number): OlmoConfig {
  return { ...config, layers: 1, attention: [config.attention[layer] ?? 'full'] };
}

/** Layers of one key are one program: what the window and YaRN make of a layer is all that tells them apart. */
export function layerKind(config: OlmoConfig, layer: number, capacity: number): string {
  const isFull = config.attention[layer] === 'full';
  const window = !isFull && config.slidingWindow < capacity ? config.slidingWindow : 'none';
  return `window ${window}, yarn ${isFull && config.yarn !== null}`;
}

/** The tensor of layer 0 that a graph names, in another layer. */
export function tensorOfLayer(tensor: string, layer: number): string {
  return tensor.replace('model.layers.0.', `model.layers.${layer}.`);
}

export function buildLayer(
  config: OlmoConfig,
  layer: number,
  options: { readonly capacity: number; readonly cache: CacheStyle; readonly precision: StreamedPrecision },
): DecoderGraph {
  const { capacity, cache } = options;
  const graph = buildDecoder(layerConfig(config, layer), { precision: 'float32', capacity, cache, head: false });
  return options.precision === 'float16' ? withHalfWeights(graph) : graph;
}

/** What the layer's weights are called in the checkpoint, with their shapes there. */
export function layerWeights(config: OlmoConfig, layer: number): readonly WeightDeclaration[] {
  const graph = buildLayer(config, layer, { capacity: 1, cache: 'appended', precision: 'float32' });
  return graph.weights.map((weight) => ({ ...weight, tensor: tensorOfLayer(weight.tensor, layer) }));
}

/** The same graph with its weights as float16 inputs, each cast to float32 before its use. */
function withHalfWeights(graph: DecoderGraph): DecoderGraph {
  const half = (name: string): string => `${name}.float16`;
  const casts = graph.weights.flatMap(({ values }) =>
    values.map(({ name }): OnnxNode => ({
      op: 'Cast',
      domain: '',
      name,
      inputs: [half(name)],
      outputs: [name],
      attributes: { to: { int: 1 } }, // TensorProto.FLOAT
    })),
  );
  const weights = graph.weights.map((weight) => ({
    ...weight,
    values: weight.values.map(({ name, shape }) => ({ name: half(name), type: 'float16', shape }) as const),
  }));
  return { ...graph, nodes: [...casts, ...graph.nodes], weights };
}
