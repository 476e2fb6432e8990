/** A matrix product with a checkpoint's weight, in the encoding chosen for it. */
import { MICROSOFT, type GraphBuilder, type WeightDeclaration } from './builder.ts';
import type { ProductEncoding } from './precisions.ts';

/** Layout of a `torch.nn.Linear` weight: [rows, columns] = [out, in]. */
export interface LinearShape {
  readonly rows: number;
  readonly columns: number;
}

/** A weight of [rows, columns], or the rows of one that a part of the product reads. */
interface Part {
  readonly tensor: string; // the weight's name in the checkpoint
  readonly shape: LinearShape; // of all of it
  readonly suffix: string; // '' where it is all of it
  readonly from: number;
  readonly to: number;
}

/** x [batch, sequence, columns] → [batch, sequence, rows]. `tensor` is the weight's name in the checkpoint. */
export function linear(
  graph: GraphBuilder,
  encoding: ProductEncoding,
  name: string,
  x: string,
  tensor: string,
  shape: LinearShape,
): string {
  const parts = encoding === 'q4' || encoding === 'q8' ? 1 : partsOf(graph, shape);
  const step = Math.ceil(shape.rows / parts);
  const part = (index: number, suffix: string): string => {
    const [from, to] = [index * step, Math.min((index + 1) * step, shape.rows)];
    return product(graph, encoding, name + suffix, x, { tensor, shape, suffix, from, to });
  };
  if (parts === 1) return part(0, '');
  const products = Array.from({ length: Math.ceil(shape.rows / step) }, (_, index) => part(index, `.${index}`));
  return graph.node('Concat', name, products, { axis: { int: -1 } });
}

function partsOf({ layout }: GraphBuilder, { rows, columns }: LinearShape): number {
  return Math.min(rows, Math.max(1, Math.ceil((rows * columns) / layout.partWeights)));
}

function product(graph: GraphBuilder, encoding: ProductEncoding, name: string, x: string, part: Part): string {
  switch (encoding) {
    case 'float32': {
      const weight = declare(graph, part, 'transposed', [['', 'float32', transposed(part)]]);
      return graph.node('MatMul', name, [x, ...weight]);
    }
    case 'float16': {
      // Products stay in float32: WebGPU sums float16 products in float16, which 4,096 columns do not survive.
      const [half = ''] = declare(graph, part, 'float16', [['.float16', 'float16', transposed(part)]]);
      const weight = graph.node('Cast', `${half}.cast`, [half], { to: { int: 1 } });
      return graph.node('MatMul', name, [x, weight]);
    }
    case 'int8': {
      const weight = declare(graph, part, 'int8', [
        ['.int8', 'int8', transposed(part)],
        ['.scales', 'float32', [part.to - part.from]],
      ]);
      return int8Product(graph, name, x, weight);
    }
    case 'q8':
    case 'q4':
      return blockwise(graph, encoding, name, x, part);
  }
}

/** Levels on either side of zero that an activation is rounded to. */
const INT8_LEVELS = 127;
const UINT8_ZERO = 128; // uint8 on the left: with int8 on both sides the kernel is five times slower
const LEAST_MAGNITUDE = 1e-30; // a row of zeros is divided by this in place of zero

/**
 * Every row (token) is divided by its largest magnitude, rounded to 8 bits with a fixed scale, multiplied, and scaled back. A scale of its
 * own for each row keeps rows apart: real models have tokens whose activations are thousands of times larger than the others',
 * which one scale for the whole tensor (`DynamicQuantizeMatMul`) rounds to zero.
 * Sources: onnxruntime docs/ContribOperators.md, `MatMulIntegerToFloat`; LLM.int8() (arXiv 2208.07339), section 2.1.
 */
function int8Product(graph: GraphBuilder, name: string, x: string, [values = '', scales = '']: readonly string[]): string {
  const { levels, magnitude } = quantisedRows(graph, x);
  const step = graph.constant('int8.step', 'float32', [], () => Float32Array.of(1 / INT8_LEVELS));
  const zero = graph.constant('int8.zero', 'uint8', [], () => Uint8Array.of(UINT8_ZERO));
  const inputs = [levels, values, step, scales, zero];
  const scaled = graph.node('MatMulIntegerToFloat', `${name}.scaled`, inputs, {}, MICROSOFT);
  return graph.node('Mul', name, [scaled, magnitude]);
}

/** x [..., columns] → levels [..., columns] in uint8 and each row's largest magnitude [..., 1]; made once for all products of x. */
function quantisedRows(graph: GraphBuilder, x: string): { readonly levels: string; readonly magnitude: string } {
  const [levels, magnitude] = [`${x}.levels`, `${x}.magnitude`];
  if (graph.has(levels)) return { levels, magnitude };
  const step = graph.constant('int8.step', 'float32', [], () => Float32Array.of(1 / INT8_LEVELS));
  const zero = graph.constant('int8.zero', 'uint8', [], () => Uint8Array.of(UINT8_ZERO));
  const least = graph.constant('int8.least', 'float32', [], () => Float32Array.of(LEAST_MAGNITUDE));
  const largest = graph.node('ReduceMax', `${x}.largest`, [graph.node('Abs', `${x}.abs`, [x])], {
    axes: { ints: [-1] },
    keepdims: { int: 1 },
  });
  graph.node('Max', magnitude, [largest, least]);
  graph.node('QuantizeLinear', levels, [graph.node('Div', `${x}.unit`, [x, magnitude]), step, zero]);
  return { levels, magnitude };
}

const transposed = ({ shape, from, to }: Part): readonly number[] => [shape.columns, to - from];

/** Declares the part's values and returns their names. */
function declare(
  graph: GraphBuilder,
  { tensor, shape, suffix, from, to }: Part,
  encoding: WeightDeclaration['encoding'],
  values: readonly (readonly [
    kind: string,
    type: 'float32' | 'float16' | 'int8' | 'uint8',
    shape: readonly number[],
  ])[],
): readonly string[] {
  return graph.weight({
    tensor,
    shape: [shape.rows, shape.columns],
    ...(suffix !== '' && { rows: [from, to] as const }),
    encoding,
    ...((encoding === 'q4' || encoding === 'q8') && { blockSize: graph.layout.blockSize }),
    values: values.map(([kind, type, shape]) => ({ name: `${tensor}${suffix}${kind}`, type, shape })),
  });
}

function blockwise(graph: GraphBuilder, encoding: 'q4' | 'q8', name: string, x: string, part: Part): string {
  const { rows, columns } = part.shape;
  const { blockSize } = graph.layout;
  const blocks = Math.ceil(columns / blockSize);
  const scales = ['.scales', 'float32', [rows * blocks]] as const;
  const weight =
    encoding === 'q4'
      ? declare(graph, part, 'q4', [
          ['.q4', 'uint8', [rows, blocks, blockSize / 2]],
          scales,
          ['.zeros', 'uint8', [rows * Math.ceil(blocks / 2)]],
        ])
      : declare(graph, part, 'q8', [['.q8', 'uint8', [rows, blocks, blockSize]], scales]);
  const attributes = {
    K: { int: columns },
    N: { int: rows },
    bits: { int: encoding === 'q4' ? 4 : 8 },
    block_size: { int: blockSize },
    accuracy_level: { int: 0 }, // 4 would let WebGPU quantise activations too
  };
  return graph.node('MatMulNBits', name, [x, ...weight], attributes, MICROSOFT);
}
