/**
 * Products of activations that are rounded when they are met with weights of 8 bits, one scale an output.
 *
 * Every row (token) has a scale of its own: its largest magnitude. Real models have tokens whose activations are thousands of times larger
 * than other tokens', which one scale for the whole tensor (`DynamicQuantizeMatMul`) rounds to zero; and rows of a batch would
 * depend on each other. Sources: onnxruntime docs/ContribOperators.md, `MatMulIntegerToFloat`; LLM.int8() (arXiv 2208.07339).
 */
import { MICROSOFT, type GraphBuilder } from './builder.ts';

const LEVELS = 127; // on either side of zero
const ZERO = 128; // uint8 on the left: with int8 on both sides the kernel is five times slower
const FINER = 2 * LEVELS; // what rounding leaves over is at most half a level, which is cut into 127 again
const LEAST = 1e-30; // a row of zeros is divided by this in place of zero

/** x [..., columns] · weight (`values` int8 [columns, rows], `scales` [rows]) → [..., rows]; activations in 8 bits. */
export function int8Product(graph: GraphBuilder, name: string, x: string, weight: readonly string[]): string {
  const { levels, magnitude } = quantised(graph, x);
  return graph.node('Mul', name, [product(graph, `${name}.unit`, levels, weight), magnitude]);
}

/**
 * The same with activations in 16 bits: what rounding to 8 bits leaves over is rounded to 8 bits again, and both are rows of one product,
 * so that the weights are read once. x has three dimensions.
 */
export function fineInt8Product(graph: GraphBuilder, name: string, x: string, weight: readonly string[]): string {
  const { both, magnitude } = finelyQuantised(graph, x);
  const [ofLevels = '', ofRest = ''] = graph.split(
    `${name}.both`,
    product(graph, `${name}.products`, both, weight),
    0,
    2,
  );
  const share = graph.constant('int8.share', 'float32', [], () => Float32Array.of(1 / FINER));
  const sum = graph.node('Add', `${name}.unit`, [ofLevels, graph.node('Mul', `${name}.rest`, [ofRest, share])]);
  return graph.node('Mul', name, [sum, magnitude]);
}

function product(
  graph: GraphBuilder,
  name: string,
  levels: string,
  [values = '', scales = '']: readonly string[],
): string {
  return graph.node('MatMulIntegerToFloat', name, [levels, values, step(graph), scales, zero(graph)], {}, MICROSOFT);
}

interface QuantisedRows {
  readonly unit: string; // [..., columns]: x with every row's largest magnitude at 1
  readonly levels: string; // the same in uint8
  readonly magnitude: string; // [..., 1]
}

/** Made once for all products of x. */
function quantised(graph: GraphBuilder, x: string): QuantisedRows {
  const rows = { unit: `${x}.unit`, levels: `${x}.levels`, magnitude: `${x}.magnitude` };
  if (graph.has(rows.levels)) return rows;
  const least = graph.constant('int8.least', 'float32', [], () => Float32Array.of(LEAST));
  const largest = graph.node('ReduceMax', `${x}.largest`, [graph.node('Abs', `${x}.abs`, [x])], {
    axes: { ints: [-1] },
    keepdims: { int: 1 },
  });
  graph.node('Div', rows.unit, [x, graph.node('Max', rows.magnitude, [largest, least])]);
  graph.node('QuantizeLinear', rows.levels, [rows.unit, step(graph), zero(graph)]);
  return rows;
}

/** x [B, S, columns] → its levels and, below them, those of what they leave over: [2 B, S, columns]. Made once for all products of x. */
function finelyQuantised(graph: GraphBuilder, x: string): { readonly both: string; readonly magnitude: string } {
  const { unit, levels, magnitude } = quantised(graph, x);
  const both = `${x}.both_levels`;
  if (graph.has(both)) return { both, magnitude };
  const rounded = graph.node('DequantizeLinear', `${x}.rounded`, [levels, step(graph), zero(graph)]);
  const rest = graph.node('Sub', `${x}.rest`, [unit, rounded]);
  const restLevels = graph.node('QuantizeLinear', `${x}.rest_levels`, [rest, fineStep(graph), zero(graph)]);
  return { both: graph.node('Concat', both, [levels, restLevels], { axis: { int: 0 } }), magnitude };
}

const step = (graph: GraphBuilder): string =>
  graph.constant('int8.step', 'float32', [], () => Float32Array.of(1 / LEVELS));
const fineStep = (graph: GraphBuilder): string =>
  graph.constant('int8.fine_step', 'float32', [], () => Float32Array.of(1 / LEVELS / FINER));
const zero = (graph: GraphBuilder): string => graph.constant('int8.zero', 'uint8', [], () => Uint8Array.of(ZERO));
