// The inner loops of src/core in 128-bit SIMD, as AssemblyScript. `tools/kernels/build.sh` makes src/core/kernels-wasm.ts of it.
// All pointers are multiples of 16; the caller owns the memory, and pads as each function says. Sums run in float64.

// @ts-ignore: decorator
@inline function sumOf(a: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
}

// @ts-ignore: decorator
@inline function wide(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at)); // two float32 as float64
}

// @ts-ignore: decorator
@inline function multiplyAdd(sum: v128, a: v128, b: v128): v128 {
  return f64x2.add(sum, f64x2.mul(a, b));
}

// The product of one row of x with v: even and odd columns apart, as in all that follows, so that equal rows have equal products
// wherever they stand.
// @ts-ignore: decorator
@inline function rowDot(row: usize, v: usize, columns: i32): f64 {
  let sum = f64x2.splat(0);
  const end = v + (<usize>columns << 3);
  for (let y = v, x = row; y < end; y += 16, x += 8) sum = multiplyAdd(sum, wide(x), v128.load(y));
  return sumOf(sum);
}

// The products of eight rows with v, to out, out + 8, …: eight sums that need not wait for each other.
function eightDots(row: usize, v: usize, columns: i32, out: usize): void {
  const bytes = <usize>columns << 2;
  let a = f64x2.splat(0), b = f64x2.splat(0), c = f64x2.splat(0), d = f64x2.splat(0);
  let e = f64x2.splat(0), f = f64x2.splat(0), g = f64x2.splat(0), h = f64x2.splat(0);
  const x1 = row + bytes, x2 = x1 + bytes, x3 = x2 + bytes, x4 = x3 + bytes, x5 = x4 + bytes, x6 = x5 + bytes, x7 = x6 + bytes;
  for (let i: usize = 0; i < bytes; i += 8) {
    const y = v128.load(v + (i << 1));
    a = multiplyAdd(a, wide(row + i), y);
    b = multiplyAdd(b, wide(x1 + i), y);
    c = multiplyAdd(c, wide(x2 + i), y);
    d = multiplyAdd(d, wide(x3 + i), y);
    e = multiplyAdd(e, wide(x4 + i), y);
    f = multiplyAdd(f, wide(x5 + i), y);
    g = multiplyAdd(g, wide(x6 + i), y);
    h = multiplyAdd(h, wide(x7 + i), y);
  }
  store<f64>(out, sumOf(a)); store<f64>(out, sumOf(b), 8); store<f64>(out, sumOf(c), 16); store<f64>(out, sumOf(d), 24);
  store<f64>(out, sumOf(e), 32); store<f64>(out, sumOf(f), 40); store<f64>(out, sumOf(g), 48); store<f64>(out, sumOf(h), 56);
}

// The products of four rows with two vectors, those of the second one `stride` bytes behind those of the first.
function fourByTwo(row: usize, v: usize, columns: i32, out: usize, stride: usize): void {
  const bytes = <usize>columns << 2;
  let a = f64x2.splat(0), b = f64x2.splat(0), c = f64x2.splat(0), d = f64x2.splat(0);
  let e = f64x2.splat(0), f = f64x2.splat(0), g = f64x2.splat(0), h = f64x2.splat(0);
  const x1 = row + bytes, x2 = x1 + bytes, x3 = x2 + bytes, w = v + (bytes << 1);
  for (let i: usize = 0; i < bytes; i += 8) {
    const y = v128.load(v + (i << 1)), z = v128.load(w + (i << 1));
    const p = wide(row + i), q = wide(x1 + i), r = wide(x2 + i), s = wide(x3 + i);
    a = multiplyAdd(a, p, y);
    b = multiplyAdd(b, q, y);
    c = multiplyAdd(c, r, y);
    d = multiplyAdd(d, s, y);
    e = multiplyAdd(e, p, z);
    f = multiplyAdd(f, q, z);
    g = multiplyAdd(g, r, z);
    h = multiplyAdd(h, s, z);
  }
  store<f64>(out, sumOf(a)); store<f64>(out, sumOf(b), 8); store<f64>(out, sumOf(c), 16); store<f64>(out, sumOf(d), 24);
  out += stride;
  store<f64>(out, sumOf(e)); store<f64>(out, sumOf(f), 8); store<f64>(out, sumOf(g), 16); store<f64>(out, sumOf(h), 24);
}

// sum f64 [columns] += Σ factors[r] x[r] over eight rows
function addEight(row: usize, factors: usize, columns: i32, sum: usize): void {
  const bytes = <usize>columns << 2;
  const x1 = row + bytes, x2 = x1 + bytes, x3 = x2 + bytes, x4 = x3 + bytes, x5 = x4 + bytes, x6 = x5 + bytes, x7 = x6 + bytes;
  const a = v128.load64_splat(factors), b = v128.load64_splat(factors, 8), c = v128.load64_splat(factors, 16);
  const d = v128.load64_splat(factors, 24), e = v128.load64_splat(factors, 32), f = v128.load64_splat(factors, 40);
  const g = v128.load64_splat(factors, 48), h = v128.load64_splat(factors, 56);
  for (let i: usize = 0; i < bytes; i += 8) {
    const one = multiplyAdd(multiplyAdd(f64x2.mul(wide(row + i), a), wide(x1 + i), b), wide(x2 + i), c);
    const two = multiplyAdd(multiplyAdd(f64x2.mul(wide(x3 + i), d), wide(x4 + i), e), wide(x5 + i), f);
    const three = multiplyAdd(f64x2.mul(wide(x6 + i), g), wide(x7 + i), h);
    const to = sum + (i << 1);
    v128.store(to, f64x2.add(v128.load(to), f64x2.add(f64x2.add(one, two), three)));
  }
}

// @ts-ignore: decorator
@inline function addRow(row: usize, factor: f64, sum: usize, columns: i32): void {
  const f = f64x2.splat(factor);
  const bytes = <usize>columns << 2;
  for (let i: usize = 0; i < bytes; i += 8) {
    const to = sum + (i << 1);
    v128.store(to, multiplyAdd(v128.load(to), wide(row + i), f));
  }
}

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

// sum f64 [columns] += Σ factors[r] x[r]
export function addRows(x: usize, factors: usize, rows: i32, columns: i32, sum: usize): void {
  const rowBytes = <usize>columns << 2;
  let r = 0;
  for (; r + 8 <= rows; r += 8) addEight(x + <usize>r * rowBytes, factors + (<usize>r << 3), columns, sum);
  for (; r < rows; r++) addRow(x + <usize>r * rowBytes, load<f64>(factors + (<usize>r << 3)), sum, columns);
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

// The logistic loss of margins m = x[r]·v + offset, its gradient and curvature, each row read once. x f32 [padded rows, columns], the
// rows past `rows` zeros; labels f64 [padded rows], 0 or 1. With p = σ(m): sum f64 [columns] += Σ (p − label) x[r], curvature f64
// [padded rows] = p (1 − p), totals f64 [2] = Σ (p − label) and Σ max(0, ±m), factors f64 [padded rows / 8] = Π (1 + e^−|m|) of eight
// rows, whose logarithms are the rest of the loss. scratch f64 [24]
export function addLogistic(
  x: usize, v: usize, offset: f64, labels: usize, rows: i32, columns: i32,
  sum: usize, curvature: usize, totals: usize, factors: usize, scratch: usize,
): void {
  const rowBytes = <usize>columns << 2;
  const one = f64x2.splat(1), off = f64x2.splat(offset), none = f64x2.splat(0);
  let total: f64 = 0, linear: f64 = 0;
  for (let r = 0; r < rows; r += 8) {
    const row = x + <usize>r * rowBytes, at = <usize>r << 3;
    eightDots(row, v, columns, scratch);
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
    store<f64>(factors + <usize>r, factor);
    addEight(row, scratch, columns, sum);
  }
  store<f64>(totals, total);
  store<f64>(totals, linear, 8);
}

// Twice the pairs that the positive wins, ties counting one. Scores f64. Both classes are dealt into `buckets` of equal width, in which
// only pairs of one bucket have to be compared: the place of a score rises with it, so all others are decided. −1 where a bucket holds so
// many that sorting is faster, NaN where a score is. starts u32 [buckets + 1], dealt f64 [negatives]
export function doubledWins(
  positives: usize, negatives: usize, count: i32, others: i32, buckets: i32, starts: usize, dealt: usize,
): f64 {
  let least = load<f64>(negatives), most = least;
  for (let i = 0; i < others; i++) {
    const score = load<f64>(negatives + (<usize>i << 3));
    least = min(least, score); // NaN from the first one on
    most = max(most, score);
  }
  if (least != least) return NaN;
  const scale = most > least ? <f64>(buckets - 1) / (most - least) : 0; // Infinity where they are too near to tell apart
  const width = scale < 1e300 ? scale : 0;
  memory.fill(starts, 0, <usize>(buckets + 1) << 2);
  for (let i = 0; i < others; i++) {
    const at = starts + (<usize>(<i32>((load<f64>(negatives + (<usize>i << 3)) - least) * width)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  let before: u32 = 0, fullest: u32 = 0;
  for (let b = 0; b <= buckets; b++) {
    const at = starts + (<usize>b << 2);
    const held = load<u32>(at);
    fullest = max(fullest, held);
    before += held;
    store<u32>(at, before); // where the bucket ends, until all are dealt
  }
  if (fullest > 64 + (<u32>others >> 4)) return -1;
  for (let i = 0; i < others; i++) {
    const score = load<f64>(negatives + (<usize>i << 3));
    const at = starts + (<usize>(<i32>((score - least) * width)) << 2);
    const place = load<u32>(at) - 1;
    store<u32>(at, place);
    store<f64>(dealt + (<usize>place << 3), score);
  }
  let wins: u64 = 0;
  for (let i = 0; i < count; i++) {
    const score = load<f64>(positives + (<usize>i << 3));
    if (score < least) continue;
    if (score > most) {
      wins += <u64>others << 1;
      continue;
    }
    if (score != score) return NaN;
    const at = starts + (<usize>(<i32>((score - least) * width)) << 2);
    const from = load<u32>(at), to = load<u32>(at, 4);
    wins += <u64>from << 1;
    for (let n = from; n < to; n++) {
      const other = load<f64>(dealt + (<usize>n << 3));
      wins += <u64>(other < score) + <u64>(other <= score);
    }
  }
  return <f64>wins;
}

// The nine products of rows a, a+1, a+2 with b, b+1, b+2, each f64 of `length`, a multiple of 2. tile f64 [3, 3]
function tile3(a: usize, b: usize, length: i32, tile: usize): void {
  const bytes = <usize>length << 3;
  let s00 = f64x2.splat(0), s01 = f64x2.splat(0), s02 = f64x2.splat(0);
  let s10 = f64x2.splat(0), s11 = f64x2.splat(0), s12 = f64x2.splat(0);
  let s20 = f64x2.splat(0), s21 = f64x2.splat(0), s22 = f64x2.splat(0);
  const a1 = a + bytes, a2 = a1 + bytes, b1 = b + bytes, b2 = b1 + bytes;
  for (let k: usize = 0; k < bytes; k += 16) {
    const p = v128.load(a + k), q = v128.load(a1 + k), r = v128.load(a2 + k);
    const t = v128.load(b + k);
    s00 = f64x2.add(s00, f64x2.mul(p, t));
    s10 = f64x2.add(s10, f64x2.mul(q, t));
    s20 = f64x2.add(s20, f64x2.mul(r, t));
    const u = v128.load(b1 + k);
    s01 = f64x2.add(s01, f64x2.mul(p, u));
    s11 = f64x2.add(s11, f64x2.mul(q, u));
    s21 = f64x2.add(s21, f64x2.mul(r, u));
    const v = v128.load(b2 + k);
    s02 = f64x2.add(s02, f64x2.mul(p, v));
    s12 = f64x2.add(s12, f64x2.mul(q, v));
    s22 = f64x2.add(s22, f64x2.mul(r, v));
  }
  store<f64>(tile, sumOf(s00)); store<f64>(tile, sumOf(s01), 8); store<f64>(tile, sumOf(s02), 16);
  store<f64>(tile, sumOf(s10), 24); store<f64>(tile, sumOf(s11), 32); store<f64>(tile, sumOf(s12), 40);
  store<f64>(tile, sumOf(s20), 48); store<f64>(tile, sumOf(s21), 56); store<f64>(tile, sumOf(s22), 64);
}

// All products of `count` rows of x f64 [count, length]: count a multiple of 3, length of 2. products f64 [count, count],
// of which the tiles on and under the diagonal are written
export function gram(x: usize, count: i32, length: i32, products: usize, tile: usize): void {
  const bytes = <usize>length << 3;
  const BLOCK = max(3, (16384 / max(length, 1)) / 3 * 3); // rows that stay in the nearest caches
  for (let j0 = 0; j0 < count; j0 += BLOCK) {
    const end = min(j0 + BLOCK, count);
    for (let i = j0; i < count; i += 3) {
      for (let j = j0; j < end && j <= i; j += 3) {
        tile3(x + <usize>i * bytes, x + <usize>j * bytes, length, tile);
        for (let p = 0; p < 3; p++) {
          const to = products + ((<usize>(i + p) * <usize>count + <usize>j) << 3);
          const from = tile + <usize>(p * 24);
          store<f64>(to, load<f64>(from));
          store<f64>(to, load<f64>(from, 8), 8);
          store<f64>(to, load<f64>(from, 16), 16);
        }
      }
    }
  }
}

// a f64 [size, stride], stride even, becomes the lower factor L of a = L Lᵀ (Cholesky–Banachiewicz); only the lower triangle is read
// and written. Returns 0 where a is not positive definite.
export function factor(a: usize, size: i32, stride: i32): i32 {
  const rowBytes = <usize>stride << 3;
  for (let row = 0; row < size; row++) {
    const r = a + <usize>row * rowBytes;
    for (let column = 0; column <= row; column++) {
      const c = a + <usize>column * rowBytes;
      let p = f64x2.splat(0), q = f64x2.splat(0);
      const bytes = <usize>column << 3;
      let i: usize = 0;
      for (; i + 32 <= bytes; i += 32) {
        p = multiplyAdd(p, v128.load(r + i), v128.load(c + i));
        q = multiplyAdd(q, v128.load(r + i, 16), v128.load(c + i, 16));
      }
      let sum = load<f64>(r + bytes) - sumOf(f64x2.add(p, q));
      for (; i < bytes; i += 8) sum -= load<f64>(r + i) * load<f64>(c + i);
      if (column < row) store<f64>(r + bytes, sum / load<f64>(c + bytes));
      else if (sum > 0) store<f64>(r + bytes, Math.sqrt(sum));
      else return 0;
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

// Rows as columns: x f64 [columns, length] of values f32 [·, step bytes a row], of the rows at places u32 [rows] (0: one after the
// other), less centre f64 [columns], times roots f64 [rows]. Sixteen rows at a time, so that what is written to a column fills whole
// lines of the cache.
export function fillColumns(
  values: usize, places: usize, rows: i32, columns: i32, step: usize, centre: usize, roots: usize, x: usize, length: i32,
): void {
  const columnBytes = <usize>length << 3;
  for (let from = 0; from < rows; from += 16) {
    const to = min(from + 16, rows);
    for (let r = from; r < to; r++) {
      let at = values + (places == 0 ? <usize>r : <usize>load<u32>(places + (<usize>r << 2))) * step;
      let out = x + (<usize>r << 3);
      const root = load<f64>(roots + (<usize>r << 3));
      const end = centre + (<usize>columns << 3);
      for (let middle = centre; middle < end; middle += 8, at += 4, out += columnBytes) {
        store<f64>(out, (<f64>load<f32>(at) - load<f64>(middle)) * root);
      }
    }
  }
}

// Twice the wins of each resample, u32 [blocks, 8]. Weights u16 [blocks, prompts, 8]: eight resamples side by side.
// order u32 [negatives], below and upTo u32 [positives], cumulative u16 [negatives + 1, 8].
export function resampledWins(
  positiveWeights: usize, negativeWeights: usize, positives: i32, negatives: i32, blocks: i32,
  order: usize, below: usize, upTo: usize, cumulative: usize, wins: usize,
): void {
  for (let block = 0; block < blocks; block++) {
    let sum = i16x8.splat(0);
    v128.store(cumulative, sum);
    for (let i = 0; i < negatives; i++) {
      const index = load<u32>(order + (<usize>i << 2));
      sum = i16x8.add(sum, v128.load(negativeWeights + (<usize>index << 4)));
      v128.store(cumulative + (<usize>i << 4), sum, 16);
    }
    let low = i32x4.splat(0);
    let high = i32x4.splat(0);
    for (let i = 0; i < positives; i++) {
      const at = <usize>i << 2;
      const weight = v128.load(positiveWeights + (<usize>i << 4));
      const beaten = i16x8.add(
        v128.load(cumulative + (<usize>load<u32>(below + at) << 4)),
        v128.load(cumulative + (<usize>load<u32>(upTo + at) << 4)),
      );
      low = i32x4.add(low, i32x4.extmul_low_i16x8_u(weight, beaten));
      high = i32x4.add(high, i32x4.extmul_high_i16x8_u(weight, beaten));
    }
    v128.store(wins, low);
    v128.store(wins, high, 16);
    wins += 32;
    positiveWeights += <usize>positives << 4;
    negativeWeights += <usize>negatives << 4;
  }
}
