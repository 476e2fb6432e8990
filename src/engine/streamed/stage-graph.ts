/**
 * Half a layer as a program whose weights are inputs: attention, or MLP. Halves halve the memory that weights take, and what passes
 * between them is one residual a token. The graph is built from a config of that layer alone, so every layer of a kind is the same
 * program, and its names are always those of layer 0.
 */
import { LabError } from '../../core/errors.ts';
import type { OnnxNode, OnnxValue } from '../../formats/bytes/onnx.ts';
import type { OlmoConfig } from '../checkpoint/config.ts';
import type { CacheStyle } from '../graph/attention.ts';
import { residMid } from '../graph/block.ts';
import type { WeightDeclaration } from '../graph/builder.ts';
import { buildDecoder, type DecoderGraph } from '../graph/decoder.ts';
import { residPost } from '../run/residual-sites.ts';

/**
 * What the products with a layer's matrices are computed in. In float16 both sides are rounded to it and the product may be summed in it;
 * residuals, norms, attention scores and what passes between stages are float32 in both. ONNX Runtime's CPU takes the
 * casts away, and computes in float32 with weights rounded to float16.
 */
export const STREAMED_PRECISIONS = ['float32', 'float16'] as const;
export type StreamedPrecision = (typeof STREAMED_PRECISIONS)[number];

/** Stages are counted through all layers: attention of layer l is 2l, its MLP 2l + 1. */
export type Stage = number;

export const STAGES_PER_LAYER = 2;

export const layerOf = (stage: Stage): number => Math.floor(stage / STAGES_PER_LAYER);

const isAttention = (stage: Stage): boolean => stage % STAGES_PER_LAYER === 0;

/** The stage that hands on `resid_post` of a layer. */
export const lastStageOf = (layer: number): Stage => STAGES_PER_LAYER * layer + 1;

/** The names that residuals have at a stage's border. */
export function stageBorder(stage: Stage): { readonly input: string; readonly output: string } {
  return isAttention(stage)
    ? { input: 'inputs_embeds', output: residMid(0) }
    : { input: residMid(0), output: residPost(0) };
}

/** The config of a model that consists of this stage's layer. */
export function layerConfig(config: OlmoConfig, stage: Stage): OlmoConfig {
  return { ...config, layers: 1, attention: [config.attention[layerOf(stage)] ?? 'full'] };
}

/** Stages of one kind are one program. Attention differs by what the window and YaRN make of it, an MLP by nothing. */
export function stageKind(config: OlmoConfig, stage: Stage, capacity: number): string {
  if (!isAttention(stage)) return 'mlp';
  const isFull = config.attention[layerOf(stage)] === 'full';
  const window = !isFull && config.slidingWindow < capacity ? config.slidingWindow : 'none';
  return `attention, window ${window}, yarn ${isFull && config.yarn !== null}`;
}

/** The tensor of layer 0 that a graph names, in the stage's layer. */
export function tensorOfStage(tensor: string, stage: Stage): string {
  return tensor.replace('model.layers.0.', `model.layers.${layerOf(stage)}.`);
}

export function buildStage(
  config: OlmoConfig,
  stage: Stage,
  options: { readonly capacity: number; readonly cache: CacheStyle; readonly precision: StreamedPrecision },
): DecoderGraph {
  const { capacity, cache } = options;
  const layer = buildDecoder(layerConfig(config, stage), { precision: 'float32', capacity, cache, head: false });
  const graph = cutOut(layer, stageBorder(stage), config.hiddenSize);
  return options.precision === 'float16' ? withHalfProducts(graph) : graph;
}

/** What the stage's weights are called in the checkpoint, with their shapes there. */
export function stageWeights(config: OlmoConfig, stage: Stage): readonly WeightDeclaration[] {
  const graph = buildStage(config, stage, { capacity: 1, cache: 'appended', precision: 'float32' });
  return graph.weights.map((weight) => ({ ...weight, tensor: tensorOfStage(weight.tensor, stage) }));
}

/** The part of a graph that makes `output` out of `input`, and only what that part reads. */
function cutOut(
  graph: DecoderGraph,
  { input, output }: ReturnType<typeof stageBorder>,
  hiddenSize: number,
): DecoderGraph {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const wanted = new Set<OnnxNode>();
  const read = new Set<string>();
  const want = (name: string): void => {
    read.add(name);
    const node = name === input ? undefined : makers.get(name);
    if (node === undefined || wanted.has(node)) return;
    wanted.add(node);
    node.inputs.forEach(want);
  };
  want(output);
  const nodes = graph.nodes.filter((node) => wanted.has(node));
  const written = new Set(nodes.flatMap(({ outputs }) => outputs));
  const residual = (name: string): OnnxValue => ({
    name,
    type: 'float32',
    shape: ['tokens', hiddenSize],
  });
  return {
    nodes,
    inputs: [residual(input), ...graph.inputs.filter(({ name }) => name !== input && read.has(name))],
    outputs: [residual(output), ...graph.outputs.filter(({ name }) => name !== output && written.has(name))],
    constants: graph.constants.filter(({ name }) => read.has(name)),
    weights: graph.weights.filter(({ values }) => values.some(({ name }) => read.has(name))),
  };
}

/** TensorProto's types, as Cast names them. */
const ONNX_TYPES = { float32: 1, float16: 10 } as const;

const cast = (from: string, name: string, type: keyof typeof ONNX_TYPES): OnnxNode => {
  return {
    op: 'Cast',
    domain: '',
    name,
    inputs: [from],
    outputs: [name],
    attributes: { to: { int: ONNX_TYPES[type] } },
  };
};

/** The same graph with its matrices as float16 inputs and their products in float16; everything between the products stays float32. */
function withHalfProducts(graph: DecoderGraph): DecoderGraph {
  const half = (name: string): string => `${name}.float16`;
  const isMatrix = ({ shape }: WeightDeclaration): boolean => shape.length === 2;
  const matrices = new Set(graph.weights.filter(isMatrix).flatMap(({ values }) => values.map(({ name }) => name)));
  const rounded = new Set<string>(); // activations that some product reads: query, key and value share theirs
  const nodes = graph.nodes.flatMap((node) => {
    const [x, weight] = node.inputs;
    const [y] = node.outputs;
    if (x === undefined || weight === undefined || y === undefined || !matrices.has(weight)) return [node];
    if (node.op !== 'MatMul')
      throw new LabError('internal', `${node.op} reads ${weight}.`, 'This is a bug: please report it.');
    const product = { ...node, name: half(node.name), inputs: [half(x), half(weight)], outputs: [half(y)] };
    const before = rounded.has(x) ? [] : [cast(x, half(x), 'float16')];
    rounded.add(x);
    return [...before, product, cast(half(y), y, 'float32')];
  });
  const weights = graph.weights.map((declared): WeightDeclaration => {
    if (!isMatrix(declared)) return declared;
    return {
      ...declared,
      values: declared.values.map(({ name, shape }) => ({ name: half(name), type: 'float16', shape })),
    };
  });
  return { ...graph, nodes, weights };
}
