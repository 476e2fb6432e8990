/** A matrix product with a checkpoint's weight, in the precision chosen for the model. */
import { Q4_BLOCK } from '../../formats/quantised-blocks.ts';
import { MICROSOFT, type GraphBuilder, type Precision } from './builder.ts';

/** Layout of a `torch.nn.Linear` weight: [rows, columns] = [out, in]. */
export interface LinearShape {
  readonly rows: number;
  readonly columns: number;
}

/** x [batch, sequence, columns] → [batch, sequence, rows]. `tensor` is the weight's name in the checkpoint. */
export function linear(
  graph: GraphBuilder,
  precision: Precision,
  name: string,
  x: string,
  tensor: string,
  { rows, columns }: LinearShape,
): string {
  const shape = [rows, columns];
  switch (precision) {
    case 'float32': {
      const values = [{ name: tensor, type: 'float32', shape: [columns, rows] }] as const;
      return graph.node('MatMul', name, [x, ...graph.weight({ tensor, shape, encoding: 'transposed', values })]);
    }
    case 'int8': {
      const values = [
        { name: `${tensor}.int8`, type: 'int8', shape: [columns, rows] },
        { name: `${tensor}.scales`, type: 'float32', shape: [rows] },
      ] as const;
      const weight = graph.weight({ tensor, shape, encoding: 'int8', values });
      return graph.node('DynamicQuantizeMatMul', name, [x, ...weight], {}, MICROSOFT);
    }
    case 'q4': {
      const blocks = Math.ceil(columns / Q4_BLOCK);
      const values = [
        {
          name: `${tensor}.q4`,
          type: 'uint8',
          shape: [rows, blocks, Q4_BLOCK / 2],
        },
        { name: `${tensor}.scales`, type: 'float32', shape: [rows * blocks] },
        {
          name: `${tensor}.zeros`,
          type: 'uint8',
          shape: [rows * Math.ceil(blocks / 2)],
        },
      ] as const;
      const weight = graph.weight({ tensor, shape, encoding: 'q4', values });
      const attributes = {
        K: { int: columns },
        N: { int: rows },
        bits: { int: 4 },
        block_size: { int: Q4_BLOCK },
        accuracy_level: { int: 0 }, // 4 would let WebGPU quantise activations too
      };
      return graph.node('MatMulNBits', name, [x, ...weight], attributes, MICROSOFT);
    }
  }
}
