// Products of rows with vectors, and sums of rows. All pointers are multiples of 16; the caller owns the memory, and pads as each function says. Sums run in float64.
import { addEight, addRow, coarseAddEight, coarseDot, coarseEightDots, coarseFourByTwo, eightDots, fourByTwo, multiplyAdd, rowDot, sumOf, wide } from "./sums";

// x f32 [rows, columns], columns a multiple of 8; v f64 [count, columns]; products f64 [count, rows], `stride` bytes from one vector's to
// the next one's
export function rowProducts(
  x: usize, v: usize, rows: i32, columns: i32, count: i32, products: usize, stride: usize,
): void {
  const rowBytes = <usize>columns << 2, vectorBytes = <usize>columns << 3;
  const paired = count & ~1;
  if (paired > 0) {
    let r = 0;
    for (; r + 4 <= rows; r += 4) {
      const row = x + <usize>r * rowBytes, out = products + (<usize>r << 3);
      for (let k = 0; k < paired; k += 2) {
        fourByTwo(row, v + <usize>k * vectorBytes, columns, out + <usize>k * stride, stride);
      }
    }
    for (; r < rows; r++) {
      const row = x + <usize>r * rowBytes, out = products + (<usize>r << 3);
      for (let k = 0; k < paired; k++) store<f64>(out + <usize>k * stride, rowDot(row, v + <usize>k * vectorBytes, columns));
    }
  }
  if (paired == count) return;
  const last = v + <usize>paired * vectorBytes, out = products + <usize>paired * stride;
  let r = 0;
  for (; r + 8 <= rows; r += 8) eightDots(x + <usize>r * rowBytes, last, columns, out + (<usize>r << 3));
  for (; r < rows; r++) store<f64>(out + (<usize>r << 3), rowDot(x + <usize>r * rowBytes, last, columns));
}

// As `rowProducts`, for v f32 [count, columns]. The same rows have the same products wherever they stand.
export function coarseProducts(
  x: usize, v: usize, rows: i32, columns: i32, count: i32, products: usize, stride: usize,
): void {
  const rowBytes = <usize>columns << 2;
  const paired = count & ~1;
  let r = 0;
  for (; paired > 0 && r + 4 <= rows; r += 4) {
    const row = x + <usize>r * rowBytes, out = products + (<usize>r << 3);
    for (let k = 0; k < paired; k += 2) {
      coarseFourByTwo(row, v + <usize>k * rowBytes, columns, out + <usize>k * stride, stride);
    }
  }
  for (; r < rows; r++) {
    const row = x + <usize>r * rowBytes, out = products + (<usize>r << 3);
    for (let k = 0; k < paired; k++) store<f64>(out + <usize>k * stride, coarseDot(row, v + <usize>k * rowBytes, columns));
  }
  if (paired == count) return;
  const last = v + <usize>paired * rowBytes, out = products + <usize>paired * stride;
  for (r = 0; r + 8 <= rows; r += 8) coarseEightDots(x + <usize>r * rowBytes, last, columns, out + (<usize>r << 3));
  for (; r < rows; r++) store<f64>(out + (<usize>r << 3), coarseDot(x + <usize>r * rowBytes, last, columns));
}

// Σ ((x[r] − centre) · scales)² of each row, to out f64 [rows]; x f32 [rows, columns], centre and scales f64 [columns]
export function rowSquares(x: usize, rows: i32, columns: i32, centre: usize, scales: usize, out: usize): void {
  const bytes = <usize>columns << 2;
  for (let r = 0; r < rows; r++, x += bytes) {
    let a = f64x2.splat(0), b = f64x2.splat(0);
    for (let i: usize = 0; i < bytes; i += 16) {
      const y = i << 1;
      const p = f64x2.mul(f64x2.sub(wide(x + i), v128.load(centre + y)), v128.load(scales + y));
      const q = f64x2.mul(f64x2.sub(wide(x + i + 8), v128.load(centre + y, 16)), v128.load(scales + y, 16));
      a = multiplyAdd(a, p, p);
      b = multiplyAdd(b, q, q);
    }
    store<f64>(out + (<usize>r << 3), sumOf(f64x2.add(a, b)));
  }
}

// x f32 [rows, columns] -= centre f64 [columns], in float64
export function centreRows(x: usize, rows: i32, columns: i32, centre: usize): void {
  const bytes = <usize>columns << 2;
  for (let r = 0; r < rows; r++, x += bytes) {
    for (let i: usize = 0; i < bytes; i += 8) {
      v128.store64_lane(x + i, f32x4.demote_f64x2_zero(f64x2.sub(wide(x + i), v128.load(centre + (i << 1)))), 0);
    }
  }
}

// sum f64 [columns] += Σ factors[r] x[r]
export function addRows(x: usize, factors: usize, rows: i32, columns: i32, sum: usize): void {
  const rowBytes = <usize>columns << 2;
  let r = 0;
  for (; r + 8 <= rows; r += 8) addEight(x + <usize>r * rowBytes, factors + (<usize>r << 3), columns, sum);
  for (; r < rows; r++) addRow(x + <usize>r * rowBytes, load<f64>(factors + (<usize>r << 3)), sum, columns);
}

// As `addRows`, of which sums over eight rows run in float32: whole eights are read, so factors f64 [padded rows] end in zeros
export function addCoarseRows(x: usize, factors: usize, rows: i32, columns: i32, sum: usize): void {
  const rowBytes = <usize>columns << 2;
  for (let r = 0; r < rows; r += 8) coarseAddEight(x + <usize>r * rowBytes, factors + (<usize>r << 3), columns, sum);
}

// sum f64 [columns] += Σ w[r] (x[r]·v + offset) x[r]; returns Σ w[r] (x[r]·v + offset). Each row is read once. scratch f64 [8]
export function addCurvature(
  x: usize, v: usize, offset: f64, w: usize, rows: i32, columns: i32, sum: usize, scratch: usize,
): f64 {
  const rowBytes = <usize>columns << 2;
  let total: f64 = 0;
  let r = 0;
  for (; r + 8 <= rows; r += 8) {
    const row = x + <usize>r * rowBytes;
    eightDots(row, v, columns, scratch);
    for (let i: usize = 0; i < 64; i += 8) {
      const factor = (load<f64>(scratch + i) + offset) * load<f64>(w + (<usize>r << 3) + i);
      store<f64>(scratch + i, factor);
      total += factor;
    }
    addEight(row, scratch, columns, sum);
  }
  for (; r < rows; r++) {
    const row = x + <usize>r * rowBytes;
    const factor = (rowDot(row, v, columns) + offset) * load<f64>(w + (<usize>r << 3));
    addRow(row, factor, sum, columns);
    total += factor;
  }
  return total;
}

// `addCurvature` for v f32 [columns], of which products and sums over eight rows run in float32. x f32 [rows, columns], of which whole
// eights can be read; w f64 [padded rows], 0 beyond them
export function addCoarseCurvature(
  x: usize, v: usize, offset: f64, w: usize, rows: i32, columns: i32, sum: usize, scratch: usize,
): f64 {
  let total: f64 = 0;
  for (let r = 0; r < rows; r += 8) {
    const row = x + (<usize>r * <usize>columns << 2);
    coarseEightDots(row, v, columns, scratch);
    for (let i: usize = 0; i < 64; i += 8) {
      const factor = (load<f64>(scratch + i) + offset) * load<f64>(w + (<usize>r << 3) + i);
      store<f64>(scratch + i, factor);
      total += factor;
    }
    coarseAddEight(row, scratch, columns, sum);
  }
  return total;
}
