import { LabError } from '../../core/errors.ts';
import { float32ToFloat16 } from '../../formats/bytes/half-precision.ts';
import { quantiseQ8 } from '../../formats/weights/q8-blocks.ts';
import { quantiseQ4 } from '../../formats/weights/quantised-blocks.ts';
import { quantiseInt8, transpose } from '../../formats/weights/transposed-weights.ts';
import { WHOLE_WEIGHTS, type WeightDeclaration } from './builder.ts';

const FLOAT16_INFINITE = 0x7c00; // the exponent of infinities and NaN

/**
 * The bytes of each of a weight's graph values, in the order of `weight.values`. `data` is row-major: the declared rows of the
 * weight, or, where `encodesByRow`, any run of them, whose bytes then follow one another. Throws a `format` error that names the
 * tensor where a number is not finite.
 */
export function encodeWeight(weight: WeightDeclaration, data: Float32Array): Uint8Array[] {
  const [, columns = 1] = weight.shape;
  const rows = data.length / columns;
  const { blockSize = WHOLE_WEIGHTS.blockSize } = weight;
  switch (weight.encoding) {
    case 'vector':
      return [bytesOf(data)];
    case 'transposed':
      return [bytesOf(transpose(data, new Float32Array(data.length), rows, columns))];
    case 'float16': {
      const halves = float32ToFloat16(data);
      if (halves.some((bits) => (bits & FLOAT16_INFINITE) === FLOAT16_INFINITE)) throw notFinite(weight, 'in float16');
      return [bytesOf(transpose(halves, new Uint16Array(halves.length), rows, columns))];
    }
    case 'q8': {
      const { values, scales } = quantiseQ8(data, rows, columns, blockSize);
      return [values, checkedScales(weight, scales)];
    }
    case 'q4': {
      const { packed, scales, zeroPoints } = quantiseQ4(data, rows, columns, blockSize);
      return [packed, checkedScales(weight, scales), zeroPoints];
    }
    case 'int8': {
      const { values, scales } = quantiseInt8(data, rows, columns);
      return [bytesOf(values), checkedScales(weight, scales)];
    }
  }
}

/** Whether a weight's bytes follow its rows, so that it can be encoded a few rows at a time. */
export function encodesByRow({ encoding }: WeightDeclaration): boolean {
  return encoding === 'q4' || encoding === 'q8' || encoding === 'vector';
}

function checkedScales(weight: WeightDeclaration, scales: Float32Array): Uint8Array {
  if (!scales.every(Number.isFinite)) throw notFinite(weight, `in ${weight.encoding}`);
  return bytesOf(scales);
}

function notFinite({ tensor }: WeightDeclaration, where: string): LabError {
  const nextStep = 'Choose float32, or fetch the checkpoint again: its weights may be damaged.';
  return new LabError('format', `${tensor} holds a number that is not finite ${where}.`, nextStep);
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
