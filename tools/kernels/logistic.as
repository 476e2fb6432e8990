// One pass of the logistic loss over rows. All pointers are multiples of 16; the caller owns the memory, and pads as each function says. Sums run in float64.
import { addEight, coarseAddEight, coarseEightDots, eightDots, multiplyAdd } from "./sums";

// e^x for x ≤ 0, within 2 units in the last place: x = n ln 2 + r, and e^r by its Taylor polynomial of degree 12, |r| ≤ 0.35.
// @ts-ignore: decorator
@inline function exponential(x: v128): v128 {
  const least = f64x2.max(x, f64x2.splat(-708)); // below, the result is no normal number
  const n = f64x2.nearest(f64x2.mul(least, f64x2.splat(1.4426950408889634)));
  const r = f64x2.sub(f64x2.sub(least, f64x2.mul(n, f64x2.splat(6.93147180369123816490e-1))), f64x2.mul(n, f64x2.splat(1.90821492927058770002e-10)));
  let p = f64x2.splat(1.0 / 479001600);
  p = multiplyAdd(f64x2.splat(1.0 / 39916800), p, r);
  p = multiplyAdd(f64x2.splat(1.0 / 3628800), p, r);
  p = multiplyAdd(f64x2.splat(1.0 / 362880), p, r);
  p = multiplyAdd(f64x2.splat(1.0 / 40320), p, r);
  p = multiplyAdd(f64x2.splat(1.0 / 5040), p, r);
  p = multiplyAdd(f64x2.splat(1.0 / 720), p, r);
  p = multiplyAdd(f64x2.splat(1.0 / 120), p, r);
  p = multiplyAdd(f64x2.splat(1.0 / 24), p, r);
  p = multiplyAdd(f64x2.splat(1.0 / 6), p, r);
  p = multiplyAdd(f64x2.splat(0.5), p, r);
  p = multiplyAdd(f64x2.splat(1), p, r);
  p = multiplyAdd(f64x2.splat(1), p, r);
  const exponent = i64x2.add(i64x2.extend_low_i32x4_s(i32x4.trunc_sat_f64x2_s_zero(n)), i64x2.splat(1023));
  return f64x2.mul(p, i64x2.shl(exponent, 52));
}

// The logistic loss of margins m = x[r]·v + offset, its gradient and curvature, each row read once. x f32 [rows, columns], of which whole
// eights can be read; labels f64 [padded rows], 0 or 1. With p = σ(m): sum f64 [columns] += Σ (p − label) x[r], curvature f64
// [padded rows] = p (1 − p), totals f64 [2] += Σ (p − label) and Σ max(0, ±m), factors f64 [padded rows / 8] = Π (1 + e^−|m|) of eight
// rows, whose logarithms are the rest of the loss. scratch f64 [24]
// @ts-ignore: decorator
@inline function logistic(
  x: usize, v: usize, offset: f64, labels: usize, rows: i32, columns: i32,
  sum: usize, curvature: usize, totals: usize, factors: usize, scratch: usize, isCoarse: bool,
): void {
  const rowBytes = <usize>columns << 2;
  const one = f64x2.splat(1), off = f64x2.splat(offset), none = f64x2.splat(0);
  let total: f64 = 0, linear: f64 = 0;
  for (let r = 0; r < rows; r += 8) {
    const row = x + <usize>r * rowBytes, at = <usize>r << 3;
    if (isCoarse) coarseEightDots(row, v, columns, scratch);
    else eightDots(row, v, columns, scratch);
    for (let i: usize = 0; i < 64; i += 16) {
      const m = f64x2.add(v128.load(scratch + i), off);
      const label = v128.load(labels + at + i);
      const e = exponential(f64x2.neg(f64x2.abs(m)));
      const q = f64x2.div(one, f64x2.add(one, e)); // σ(|m|)
      const eq = f64x2.mul(e, q);
      v128.store(scratch + i, f64x2.sub(v128.bitselect(q, eq, f64x2.ge(m, none)), label));
      v128.store(curvature + at + i, f64x2.mul(eq, q));
      v128.store(scratch + i, f64x2.max(none, f64x2.mul(m, f64x2.sub(one, f64x2.add(label, label)))), 64);
      v128.store(scratch + i, f64x2.add(one, e), 128);
    }
    let factor: f64 = 1;
    const bytes = <usize>min(8, rows - r) << 3;
    for (let i: usize = 0; i < bytes; i += 8) {
      total += load<f64>(scratch + i);
      linear += load<f64>(scratch + i, 64);
      factor *= load<f64>(scratch + i, 128);
    }
    for (let i = bytes; i < 64; i += 8) store<f64>(scratch + i, 0); // rows of others
    store<f64>(factors + <usize>r, factor);
    if (isCoarse) coarseAddEight(row, scratch, columns, sum);
    else addEight(row, scratch, columns, sum);
  }
  store<f64>(totals, load<f64>(totals) + total);
  store<f64>(totals, load<f64>(totals, 8) + linear, 8);
}

// `logistic` for v f64 [columns]
export function addLogistic(
  x: usize, v: usize, offset: f64, labels: usize, rows: i32, columns: i32,
  sum: usize, curvature: usize, totals: usize, factors: usize, scratch: usize,
): void {
  logistic(x, v, offset, labels, rows, columns, sum, curvature, totals, factors, scratch, false);
}

// `logistic` for v f32 [columns], of which products and sums over eight rows run in float32
export function addCoarseLogistic(
  x: usize, v: usize, offset: f64, labels: usize, rows: i32, columns: i32,
  sum: usize, curvature: usize, totals: usize, factors: usize, scratch: usize,
): void {
  logistic(x, v, offset, labels, rows, columns, sum, curvature, totals, factors, scratch, true);
}
