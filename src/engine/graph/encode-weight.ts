import { quantiseInt8, quantiseQ4 } from '../../formats/quantised-blocks.ts';
import type { WeightDeclaration } from './builder.ts';

/** The bytes of each of a weight's graph values, in the order of `weight.values`. `data` is row-major, `weight.shape`. */
export function encodeWeight(weight: WeightDeclaration, data: Float32Array): Uint8Array[] {
  const [rows = 1, columns = 1] = weight.shape;
  switch (weight.encoding) {
    case 'vector':
      return [bytesOf(data)];
    case 'transposed':
      return [bytesOf(transpose(data, rows, columns))];
    case 'q4': {
      const { packed, scales, zeroPoints } = quantiseQ4(data, rows, columns);
      return [packed, bytesOf(scales), zeroPoints];
    }
    case 'int8': {
      const { values, scales } = quantiseInt8(data, rows, columns);
      return [bytesOf(values), bytesOf(scales)];
    }
  }
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** [rows, columns] → [columns, rows]. */
function transpose(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) out[column * rows + row] = data[row * columns + column] ?? 0;
  }
  return out;
}
