/** A matrix product with a checkpoint's weight, in the encoding chosen for it. */
import { MICROSOFT, type GraphBuilder, type WeightDeclaration } from './builder.ts';
import type { BlockSize } from '../../formats/weights/quantised-blocks.ts';
import { fineInt8Product, int8Product } from './int8-product.ts';
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

/** x [..., columns] → [..., rows]. `tensor` is the weight's name in the checkpoint. */
export function linear(
  graph: GraphBuilder,
  encoding: ProductEncoding,
  name: string,
  x: string,
  tensor: string,
  shape: LinearShape,
): string {
  const parts = isBlockwise(encoding) ? 1 : partsOf(graph, shape);
  const step = Math.ceil(shape.rows / parts);
  const part = (index: number, suffix: string): string => {
    const [from, to] = [index * step, Math.min((index + 1) * step, shape.rows)];
    return product(graph, encoding, name + suffix, x, { tensor, shape, suffix, from, to });
  };
  if (parts === 1) return part(0, '');
  const products = Array.from({ length: Math.ceil(shape.rows / step) }, (_, index) => part(index, `.${index}`));
  return graph.node('Concat', name, products, { axis: { int: -1 } });
}

const isBlockwise = (encoding: ProductEncoding): boolean => encoding.startsWith('q');

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
    case 'int8':
    case 'int8-fine': {
      const weight = declare(graph, part, 'int8', [
        ['.int8', 'int8', transposed(part)],
        ['.scales', 'float32', [part.to - part.from]],
      ]);
      return encoding === 'int8' ? int8Product(graph, name, x, weight) : fineInt8Product(graph, name, x, weight);
    }
    case 'q8':
    case 'q4':
      return blockwise(graph, encoding, graph.layout.blockSize, name, x, part);
    case 'q8-64':
      return blockwise(graph, 'q8', 64, name, x, part);
  }
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
  blockSize: BlockSize | null = null, // of q4 and q8
): readonly string[] {
  return graph.weight({
    tensor,
    shape: [shape.rows, shape.columns],
    ...(suffix !== '' && { rows: [from, to] as const }),
    encoding,
    ...(blockSize !== null && { blockSize }),
    values: values.map(([kind, type, shape]) => ({ name: `${tensor}${suffix}${kind}`, type, shape })),
  });
}

function blockwise(
  graph: GraphBuilder,
  encoding: 'q4' | 'q8',
  blockSize: BlockSize,
  name: string,
  x: string,
  part: Part,
): string {
  const { rows, columns } = part.shape;
  const blocks = Math.ceil(columns / blockSize);
  const scales = ['.scales', 'float32', [rows * blocks]] as const;
  const zeros = ['.zeros', 'uint8', [rows * Math.ceil(blocks / 2)]] as const;
  const weight =
    encoding === 'q4'
      ? declare(graph, part, 'q4', [['.q4', 'uint8', [rows, blocks, blockSize / 2]], scales, zeros], blockSize)
      : declare(graph, part, 'q8', [['.q8', 'uint8', [rows, blocks, blockSize]], scales], blockSize);
  const attributes = {
    K: { int: columns },
    N: { int: rows },
    bits: { int: encoding === 'q4' ? 4 : 8 },
    block_size: { int: blockSize },
    accuracy_level: { int: 0 }, // 4 would let WebGPU quantise activations too
  };
  return graph.node('MatMulNBits', name, [x, ...weight], attributes, MICROSOFT);
}
