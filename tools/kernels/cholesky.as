// Cholesky factors, and solving with them. All pointers are multiples of 16; the caller owns the memory, and pads as each function says. Sums run in float64.
import { multiplyAdd, sumOf } from "./sums";

// Takes the products of four rows, `rowBytes` apart, with row c, over `bytes`, from the numbers that follow them there.
function takeFourDots(row: usize, rowBytes: usize, c: usize, bytes: usize): void {
  const r1 = row + rowBytes, r2 = r1 + rowBytes, r3 = r2 + rowBytes;
  let p = f64x2.splat(0), q = f64x2.splat(0), r = f64x2.splat(0), s = f64x2.splat(0);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const y = v128.load(c + i);
    p = multiplyAdd(p, v128.load(row + i), y);
    q = multiplyAdd(q, v128.load(r1 + i), y);
    r = multiplyAdd(r, v128.load(r2 + i), y);
    s = multiplyAdd(s, v128.load(r3 + i), y);
  }
  let a = sumOf(p), b = sumOf(q), d = sumOf(r), e = sumOf(s);
  if (i < bytes) {
    const y = load<f64>(c + i);
    a += load<f64>(row + i) * y;
    b += load<f64>(r1 + i) * y;
    d += load<f64>(r2 + i) * y;
    e += load<f64>(r3 + i) * y;
  }
  store<f64>(row + bytes, load<f64>(row + bytes) - a);
  store<f64>(r1 + bytes, load<f64>(r1 + bytes) - b);
  store<f64>(r2 + bytes, load<f64>(r2 + bytes) - d);
  store<f64>(r3 + bytes, load<f64>(r3 + bytes) - e);
}

// a f64 [size, stride], stride even, becomes the lower factor L of a = L Lᵀ (Cholesky–Banachiewicz, four rows at once up to the columns
// of their own); only the lower triangle is read and written. Returns 0 where a is not positive definite.
export function factor(a: usize, size: i32, stride: i32): i32 {
  const rowBytes = <usize>stride << 3;
  for (let first = 0; first < size; first += 4) {
    const end = min(first + 4, size), r = a + <usize>first * rowBytes;
    if (end == first + 4) {
      for (let column = 0; column < first; column++) {
        const c = a + <usize>column * rowBytes, bytes = <usize>column << 3;
        takeFourDots(r, rowBytes, c, bytes);
        const scale = 1 / load<f64>(c + bytes);
        for (let at = r + bytes, last = at + 4 * rowBytes; at < last; at += rowBytes) store<f64>(at, load<f64>(at) * scale);
      }
    }
    for (let row = first; row < end; row++) {
      const own = a + <usize>row * rowBytes;
      for (let column = end == first + 4 ? first : 0; column <= row; column++) {
        const c = a + <usize>column * rowBytes, bytes = <usize>column << 3;
        let p = f64x2.splat(0);
        let i: usize = 0;
        for (; i + 16 <= bytes; i += 16) p = multiplyAdd(p, v128.load(own + i), v128.load(c + i));
        let sum = load<f64>(own + bytes) - sumOf(p);
        if (i < bytes) sum -= load<f64>(own + i) * load<f64>(c + i);
        if (column < row) store<f64>(own + bytes, sum / load<f64>(c + bytes));
        else if (sum > 0) store<f64>(own + bytes, Math.sqrt(sum));
        else return 0;
      }
    }
  }
  return 1;
}

// x f64 [size] becomes the solution of L Lᵀ y = x, for what `factor` made.
export function substitute(lower: usize, size: i32, stride: i32, x: usize): void {
  const rowBytes = <usize>stride << 3;
  for (let row = 0; row < size; row++) {
    const r = lower + <usize>row * rowBytes;
    let p = f64x2.splat(0), q = f64x2.splat(0);
    const bytes = <usize>row << 3;
    let i: usize = 0;
    for (; i + 32 <= bytes; i += 32) {
      p = multiplyAdd(p, v128.load(r + i), v128.load(x + i));
      q = multiplyAdd(q, v128.load(r + i, 16), v128.load(x + i, 16));
    }
    let sum = load<f64>(x + bytes) - sumOf(f64x2.add(p, q));
    for (; i < bytes; i += 8) sum -= load<f64>(r + i) * load<f64>(x + i);
    store<f64>(x + bytes, sum / load<f64>(r + bytes));
  }
  for (let row = size - 1; row >= 0; row--) {
    const r = lower + <usize>row * rowBytes;
    const bytes = <usize>row << 3;
    const value = load<f64>(x + bytes) / load<f64>(r + bytes);
    store<f64>(x + bytes, value);
    const factor = f64x2.splat(-value);
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) v128.store(x + i, multiplyAdd(v128.load(x + i), v128.load(r + i), factor));
    for (; i < bytes; i += 8) store<f64>(x + i, load<f64>(x + i) - load<f64>(r + i) * value);
  }
}
