/** Raw bytes of a checkpoint's tensor, written as the graph wants them into memory that every layer uses again. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { bfloat16ToFloat32, float16ToFloat32, float32ToFloat16 } from '../../formats/bytes/half-precision.ts';
import { decodeFloat32, type TensorEntry } from '../../formats/bytes/safetensors.ts';

const TILE = 64; // rows and columns: of the sizes tried, 8 to 4,096, the fastest for a 7B layer's matrices
const ALL_16_BIT = 0x10000;

let halves: Uint16Array | undefined; // bfloat16 bits → float16 bits

/**
 * Decodes `bytes` of a tensor of [rows, columns] into `out`, transposed to [columns, rows] where asked. `out` is float32, or the bits
 * of float16. Throws a `format` error that names the tensor where its type holds no weights.
 */
export function decodeWeight(
  file: string,
  entry: TensorEntry,
  bytes: Uint8Array,
  isTransposed: boolean,
  out: Float32Array | Uint16Array,
): void {
  const [rows = 1, columns = 1] = entry.shape;
  if (!isTransposed) {
    decodeInto(file, entry, bytes, out);
    return;
  }
  const rowBytes = bytes.byteLength / rows;
  const panelRows = Math.min(rows, TILE);
  const panel =
    out instanceof Float32Array ? new Float32Array(panelRows * columns) : new Uint16Array(panelRows * columns);
  for (let row = 0; row < rows; row += TILE) {
    const count = Math.min(TILE, rows - row);
    const part = panel.subarray(0, count * columns);
    decodeInto(file, entry, bytes.subarray(row * rowBytes, (row + count) * rowBytes), part);
    transposePanel(part, columns, out, row, rows);
  }
}

/** Writes a panel [count, columns] into columns `row` … of `out` [columns, rows], contiguous writes innermost. */
function transposePanel(
  panel: Float32Array | Uint16Array,
  columns: number,
  out: Float32Array | Uint16Array,
  row: number,
  rows: number,
): void {
  const count = panel.length / columns;
  for (let left = 0; left < columns; left += TILE) {
    const right = Math.min(columns, left + TILE);
    for (let column = left; column < right; column++) {
      const target = column * rows + row;
      for (let i = 0; i < count; i++) out[target + i] = panel[i * columns + column] as number;
    }
  }
}

function decodeInto(file: string, entry: TensorEntry, bytes: Uint8Array, out: Float32Array | Uint16Array): void {
  if (out instanceof Uint16Array) decodeHalves(file, entry, bytes, out);
  else decodeFloats(file, entry, bytes, out);
}

function decodeFloats(file: string, entry: TensorEntry, bytes: Uint8Array, out: Float32Array): void {
  if (entry.dtype === 'BF16') bfloat16ToFloat32(words(bytes), out);
  else if (entry.dtype === 'F16') float16ToFloat32(words(bytes), out);
  else out.set(decodeFloat32(file, entry, bytes));
}

function decodeHalves(file: string, entry: TensorEntry, bytes: Uint8Array, out: Uint16Array): void {
  if (entry.dtype === 'F16') {
    out.set(words(bytes));
    return;
  }
  if (entry.dtype !== 'BF16') {
    out.set(float32ToFloat16(decodeFloat32(file, entry, bytes)));
    return;
  }
  halves ??= float32ToFloat16(bfloat16ToFloat32(Uint16Array.from({ length: ALL_16_BIT }, (_, bits) => bits)));
  const bits = words(bytes);
  for (let i = 0; i < bits.length; i++) out[i] = halves[bits[i] as number] as number;
}

function words(bytes: Uint8Array): Uint16Array {
  const { buffer, byteOffset, byteLength } = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  return new Uint16Array(buffer, byteOffset, byteLength / 2);
}

/** Throws where float16 cannot hold a weight of the checkpoint. */
export function checkHalves(file: string, { name }: TensorEntry, values: Uint16Array): void {
  if (!values.some((bits) => (bits & 0x7c00) === 0x7c00)) return; // no infinity and no NaN
  const nextStep = 'Extract in float32.';
  throw new LabError(
    'format',
    `${shown(file)}: tensor ${shown(name)} holds weights that float16 cannot hold.`,
    nextStep,
  );
}
