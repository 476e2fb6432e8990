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
  const { levels, step } = rounded(graph, x);
  return graph.node('Mul', name, [product(graph, `${name}.levels`, levels, weight), step]);
}

/**
 * The same with activations in 16 bits: what rounding to 8 bits leaves over is rounded to 8 bits again, and both are rows of one product,
 * so that the weights are read once.
 */
export function fineInt8Product(graph: GraphBuilder, name: string, x: string, weight: readonly string[]): string {
  const { both, step } = finelyRounded(graph, x);
  const [ofLevels = '', ofRest = ''] = graph.split(`${name}.parts`, product(graph, `${name}.both`, both, weight), 0, 2);
  const rest = graph.node('Mul', `${name}.rest`, [ofRest, number(graph, 'finer', 1 / FINER)]);
  return graph.node('Mul', name, [graph.node('Add', `${name}.levels`, [ofLevels, rest]), step]);
}

function product(
  graph: GraphBuilder,
  name: string,
  levels: string,
  [values = '', scales = '']: readonly string[],
): string {
  const inputs = [levels, values, number(graph, 'one', 1), scales, zero(graph)];
  return graph.node('MatMulIntegerToFloat', name, inputs, {}, MICROSOFT);
}

interface RoundedRows {
  readonly scaled: string; // [..., columns]: x with every row's largest magnitude at 127
  readonly levels: string; // the same, rounded, in uint8
  readonly step: string; // [..., 1]: what a level of each row stands for
}

/** Made once for all products of x. */
function rounded(graph: GraphBuilder, x: string): RoundedRows {
  const rows = { scaled: `${x}.scaled`, levels: `${x}.levels`, step: `${x}.step` };
  if (graph.has(rows.levels)) return rows;
  const largest = graph.node('ReduceMax', `${x}.largest`, [graph.node('Abs', `${x}.abs`, [x])], {
    axes: { ints: [-1] },
    keepdims: { int: 1 },
  });
  const magnitude = graph.node('Max', `${x}.magnitude`, [largest, number(graph, 'least', LEAST)]);
  graph.node('Mul', rows.step, [magnitude, number(graph, 'level', 1 / LEVELS)]);
  graph.node('Div', rows.scaled, [x, rows.step]);
  graph.node('QuantizeLinear', rows.levels, [rows.scaled, number(graph, 'one', 1), zero(graph)]);
  return rows;
}

/** x [B, ..., columns] → its levels and, below them, those of what they leave over: [2 B, ..., columns]. Made once for all products of x. */
function finelyRounded(graph: GraphBuilder, x: string): { readonly both: string; readonly step: string } {
  const { scaled, levels, step } = rounded(graph, x);
  const both = `${x}.both_levels`;
  if (graph.has(both)) return { both, step };
  // Round is what QuantizeLinear does, halves to even; DequantizeLinear takes twenty times as long on WASM.
  const rest = graph.node('Sub', `${x}.rest`, [scaled, graph.node('Round', `${x}.rounded`, [scaled])]);
  const restLevels = graph.node('QuantizeLinear', `${x}.rest_levels`, [
    rest,
    number(graph, 'finer', 1 / FINER),
    zero(graph),
  ]);
  return { both: graph.node('Concat', both, [levels, restLevels], { axis: { int: 0 } }), step };
}

const number = (graph: GraphBuilder, name: string, value: number): string =>
  graph.constant(`int8.${name}`, 'float32', [], () => Float32Array.of(value));
const zero = (graph: GraphBuilder): string => graph.constant('int8.zero', 'uint8', [], () => Uint8Array.of(ZERO));
