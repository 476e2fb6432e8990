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

// The four float32 of a, in float64.
// @ts-ignore: decorator
@inline function sumOfFour(a: v128): f64 {
  return sumOf(f64x2.add(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(v128.shuffle<f32>(a, a, 2, 3, 2, 3))));
}

// @ts-ignore: decorator
@inline function coarseAdd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
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

// Coarse functions compute in float32, at half the time or less. Their sums are carried on in float64 after so many bytes of float32.
const CHUNK: usize = 1024;

// @ts-ignore: decorator
@inline function coarseDot(row: usize, v: usize, columns: i32): f64 {
  const bytes = <usize>columns << 2;
  let total: f64 = 0;
  for (let from: usize = 0; from < bytes; from += CHUNK) {
    const to = min(from + CHUNK, bytes);
    let sum = f32x4.splat(0);
    for (let i = from; i < to; i += 16) sum = coarseAdd(sum, v128.load(row + i), v128.load(v + i));
    total += sumOfFour(sum);
  }
  return total;
}

// As `eightDots`, for v f32 [columns].
function coarseEightDots(row: usize, v: usize, columns: i32, out: usize): void {
  const bytes = <usize>columns << 2;
  const x1 = row + bytes, x2 = x1 + bytes, x3 = x2 + bytes, x4 = x3 + bytes, x5 = x4 + bytes, x6 = x5 + bytes, x7 = x6 + bytes;
  clear(out);
  clear(out + 32);
  for (let from: usize = 0; from < bytes; from += CHUNK) {
    const to = min(from + CHUNK, bytes);
    let a = f32x4.splat(0), b = f32x4.splat(0), c = f32x4.splat(0), d = f32x4.splat(0);
    let e = f32x4.splat(0), f = f32x4.splat(0), g = f32x4.splat(0), h = f32x4.splat(0);
    for (let i = from; i < to; i += 32) {
      const y = v128.load(v + i), z = v128.load(v + i, 16);
      a = coarseAdd(coarseAdd(a, v128.load(row + i), y), v128.load(row + i, 16), z);
      b = coarseAdd(coarseAdd(b, v128.load(x1 + i), y), v128.load(x1 + i, 16), z);
      c = coarseAdd(coarseAdd(c, v128.load(x2 + i), y), v128.load(x2 + i, 16), z);
      d = coarseAdd(coarseAdd(d, v128.load(x3 + i), y), v128.load(x3 + i, 16), z);
      e = coarseAdd(coarseAdd(e, v128.load(x4 + i), y), v128.load(x4 + i, 16), z);
      f = coarseAdd(coarseAdd(f, v128.load(x5 + i), y), v128.load(x5 + i, 16), z);
      g = coarseAdd(coarseAdd(g, v128.load(x6 + i), y), v128.load(x6 + i, 16), z);
      h = coarseAdd(coarseAdd(h, v128.load(x7 + i), y), v128.load(x7 + i, 16), z);
    }
    addTo(out, a); addTo(out + 8, b); addTo(out + 16, c); addTo(out + 24, d);
    addTo(out + 32, e); addTo(out + 40, f); addTo(out + 48, g); addTo(out + 56, h);
  }
}

// Four f64; `memory.fill` takes as long as the products of a row.
// @ts-ignore: decorator
@inline function clear(out: usize): void {
  v128.store(out, f64x2.splat(0));
  v128.store(out, f64x2.splat(0), 16);
}

// @ts-ignore: decorator
@inline function addTo(out: usize, sums: v128): void {
  store<f64>(out, load<f64>(out) + sumOfFour(sums));
}

// As `fourByTwo`, for v f32.
function coarseFourByTwo(row: usize, v: usize, columns: i32, out: usize, stride: usize): void {
  const bytes = <usize>columns << 2;
  const x1 = row + bytes, x2 = x1 + bytes, x3 = x2 + bytes, w = v + bytes, next = out + stride;
  clear(out);
  clear(next);
  for (let from: usize = 0; from < bytes; from += CHUNK) {
    const to = min(from + CHUNK, bytes);
    let a = f32x4.splat(0), b = f32x4.splat(0), c = f32x4.splat(0), d = f32x4.splat(0);
    let e = f32x4.splat(0), f = f32x4.splat(0), g = f32x4.splat(0), h = f32x4.splat(0);
    for (let i = from; i < to; i += 32) {
      const y0 = v128.load(v + i), z0 = v128.load(w + i);
      const p0 = v128.load(row + i), q0 = v128.load(x1 + i), r0 = v128.load(x2 + i), s0 = v128.load(x3 + i);
      a = coarseAdd(a, p0, y0);
      b = coarseAdd(b, q0, y0);
      c = coarseAdd(c, r0, y0);
      d = coarseAdd(d, s0, y0);
      e = coarseAdd(e, p0, z0);
      f = coarseAdd(f, q0, z0);
      g = coarseAdd(g, r0, z0);
      h = coarseAdd(h, s0, z0);
      const y16 = v128.load(v + i, 16), z16 = v128.load(w + i, 16);
      const p16 = v128.load(row + i, 16), q16 = v128.load(x1 + i, 16), r16 = v128.load(x2 + i, 16), s16 = v128.load(x3 + i, 16);
      a = coarseAdd(a, p16, y16);
      b = coarseAdd(b, q16, y16);
      c = coarseAdd(c, r16, y16);
      d = coarseAdd(d, s16, y16);
      e = coarseAdd(e, p16, z16);
      f = coarseAdd(f, q16, z16);
      g = coarseAdd(g, r16, z16);
      h = coarseAdd(h, s16, z16);
    }
    addTo(out, a); addTo(out + 8, b); addTo(out + 16, c); addTo(out + 24, d);
    addTo(next, e); addTo(next + 8, f); addTo(next + 16, g); addTo(next + 24, h);
  }
}

// sum f64 [columns] += Σ factors[r] x[r] over eight rows, whose products are added in float32; factors f64
function coarseAddEight(row: usize, factors: usize, columns: i32, sum: usize): void {
  const bytes = <usize>columns << 2;
  const x1 = row + bytes, x2 = x1 + bytes, x3 = x2 + bytes, x4 = x3 + bytes, x5 = x4 + bytes, x6 = x5 + bytes, x7 = x6 + bytes;
  const a = coarseSplat(factors), b = coarseSplat(factors + 8), c = coarseSplat(factors + 16), d = coarseSplat(factors + 24);
  const e = coarseSplat(factors + 32), f = coarseSplat(factors + 40), g = coarseSplat(factors + 48), h = coarseSplat(factors + 56);
  for (let i: usize = 0; i < bytes; i += 32) {
    const to = sum + (i << 1);
    const one0 = coarseAdd(coarseAdd(f32x4.mul(v128.load(row + i), a), v128.load(x1 + i), b), v128.load(x2 + i), c);
    const two0 = coarseAdd(coarseAdd(f32x4.mul(v128.load(x3 + i), d), v128.load(x4 + i), e), v128.load(x5 + i), f);
    const three0 = coarseAdd(f32x4.mul(v128.load(x6 + i), g), v128.load(x7 + i), h);
    addFour(to, f32x4.add(f32x4.add(one0, two0), three0));
    const one16 = coarseAdd(coarseAdd(f32x4.mul(v128.load(row + i, 16), a), v128.load(x1 + i, 16), b), v128.load(x2 + i, 16), c);
    const two16 = coarseAdd(coarseAdd(f32x4.mul(v128.load(x3 + i, 16), d), v128.load(x4 + i, 16), e), v128.load(x5 + i, 16), f);
    const three16 = coarseAdd(f32x4.mul(v128.load(x6 + i, 16), g), v128.load(x7 + i, 16), h);
    addFour(to + 32, f32x4.add(f32x4.add(one16, two16), three16));
  }
}

// @ts-ignore: decorator
@inline function addFour(to: usize, sums: v128): void {
  v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(sums)));
  v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(v128.shuffle<f32>(sums, sums, 2, 3, 2, 3))), 16);
}

// @ts-ignore: decorator
@inline function coarseSplat(at: usize): v128 {
  return f32x4.splat(<f32>load<f64>(at));
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

// The bucket of a score among those of the negatives: it rises with the score, so only scores of one bucket have to be compared.
// @ts-ignore: decorator
@inline function bucketOf(score: f64, least: f64, width: f64, starts: usize): usize {
  return starts + (<usize>(<i32>((score - least) * width)) << 2);
}

let least: f64 = 0, most: f64 = 0, width: f64 = 0; // of what was dealt last

// Deals scores f64 [others] into `buckets` of equal width: starts u32 [buckets + 1] is where each begins, dealt f64 [others] the scores
// bucket by bucket, order u32 [others] their indices (0: not wanted). Returns 0; −1 where a bucket holds so many that sorting is
// faster; NaN where a score is.
function deal(scores: usize, others: i32, buckets: i32, starts: usize, dealt: usize, order: usize): f64 {
  least = load<f64>(scores);
  most = least;
  for (let i = 0; i < others; i++) {
    const score = load<f64>(scores + (<usize>i << 3));
    least = min(least, score); // NaN from the first one on
    most = max(most, score);
  }
  if (least != least) return NaN;
  const scale = most > least ? <f64>(buckets - 1) / (most - least) : 0; // Infinity where they are too near to tell apart
  width = scale < 1e300 ? scale : 0;
  memory.fill(starts, 0, <usize>(buckets + 1) << 2);
  for (let i = 0; i < others; i++) {
    const at = bucketOf(load<f64>(scores + (<usize>i << 3)), least, width, starts);
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
    const score = load<f64>(scores + (<usize>i << 3));
    const at = bucketOf(score, least, width, starts);
    const place = load<u32>(at) - 1;
    store<u32>(at, place);
    store<f64>(dealt + (<usize>place << 3), score);
    if (order != 0) store<u32>(order + (<usize>place << 2), i);
  }
  return 0;
}

// Sorts scores f64 [count] to sorted, and their indices u32 to order; the rest, and what is returned, as for `deal`.
export function sort(scores: usize, count: i32, buckets: i32, starts: usize, sorted: usize, order: usize): f64 {
  const failure = deal(scores, count, buckets, starts, sorted, order);
  if (failure != 0) return failure;
  for (let i = 1; i < count; i++) {
    const score = load<f64>(sorted + (<usize>i << 3));
    const index = load<u32>(order + (<usize>i << 2));
    let place = i; // only within the bucket: those before it are lower
    for (; place > 0 && load<f64>(sorted + (<usize>(place - 1) << 3)) > score; place--) {
      store<f64>(sorted + (<usize>place << 3), load<f64>(sorted + (<usize>(place - 1) << 3)));
      store<u32>(order + (<usize>place << 2), load<u32>(order + (<usize>(place - 1) << 2)));
    }
    store<f64>(sorted + (<usize>place << 3), score);
    store<u32>(order + (<usize>place << 2), index);
  }
  return 0;
}

// Twice the pairs that the positive wins, ties counting one. Scores f64; the rest, and what is returned instead, as for `deal`.
export function doubledWins(
  positives: usize, negatives: usize, count: i32, others: i32, buckets: i32, starts: usize, dealt: usize,
): f64 {
  const failure = deal(negatives, others, buckets, starts, dealt, 0);
  if (failure != 0) return failure;
  const low = least, high = most, scale = width;
  let wins: u64 = 0;
  for (let i = 0; i < count; i++) {
    const score = load<f64>(positives + (<usize>i << 3));
    if (score < low) continue;
    if (score > high) {
      wins += <u64>others << 1;
      continue;
    }
    if (score != score) return NaN;
    const at = bucketOf(score, low, scale, starts);
    const from = load<u32>(at), to = load<u32>(at, 4);
    wins += <u64>from << 1;
    for (let n = from; n < to; n++) {
      const other = load<f64>(dealt + (<usize>n << 3));
      wins += <u64>(other < score) + <u64>(other <= score);
    }
  }
  return <f64>wins;
}

// As `doubledWins`; sorts the negatives, f64 to sorted and their indices u32 to order, and tells of each positive how many of them
// score lower, below u32 [positives], and how many lower or the same, upTo u32 [positives].
export function placements(
  positives: usize, negatives: usize, count: i32, others: i32, buckets: i32, starts: usize,
  sorted: usize, order: usize, below: usize, upTo: usize,
): f64 {
  const failure = sort(negatives, others, buckets, starts, sorted, order);
  if (failure != 0) return failure;
  const low = least, high = most, scale = width;
  let wins: u64 = 0;
  for (let i = 0; i < count; i++) {
    const score = load<f64>(positives + (<usize>i << 3));
    if (score != score) return NaN;
    let lower: u32 = score > high ? others : 0, same: u32 = 0;
    if (score >= low && score <= high) {
      const at = bucketOf(score, low, scale, starts);
      const to = load<u32>(at, 4);
      for (lower = load<u32>(at); lower < to && load<f64>(sorted + (<usize>lower << 3)) < score; ) lower++;
      for (; lower + same < to && load<f64>(sorted + (<usize>(lower + same) << 3)) == score; ) same++;
    }
    store<u32>(below + (<usize>i << 2), lower);
    store<u32>(upTo + (<usize>i << 2), lower + same);
    wins += <u64>lower + <u64>(lower + same);
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

// As `tile3`, for f32 of `length`, a multiple of 4.
function coarseTile3(a: usize, b: usize, length: i32, tile: usize): void {
  const bytes = <usize>length << 2;
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s02 = f32x4.splat(0);
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0), s12 = f32x4.splat(0);
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0), s22 = f32x4.splat(0);
  const a1 = a + bytes, a2 = a1 + bytes, b1 = b + bytes, b2 = b1 + bytes;
  for (let k: usize = 0; k < bytes; k += 16) {
    const p = v128.load(a + k), q = v128.load(a1 + k), r = v128.load(a2 + k);
    const t = v128.load(b + k);
    s00 = coarseAdd(s00, p, t);
    s10 = coarseAdd(s10, q, t);
    s20 = coarseAdd(s20, r, t);
    const u = v128.load(b1 + k);
    s01 = coarseAdd(s01, p, u);
    s11 = coarseAdd(s11, q, u);
    s21 = coarseAdd(s21, r, u);
    const v = v128.load(b2 + k);
    s02 = coarseAdd(s02, p, v);
    s12 = coarseAdd(s12, q, v);
    s22 = coarseAdd(s22, r, v);
  }
  store<f64>(tile, sumOfFour(s00)); store<f64>(tile, sumOfFour(s01), 8); store<f64>(tile, sumOfFour(s02), 16);
  store<f64>(tile, sumOfFour(s10), 24); store<f64>(tile, sumOfFour(s11), 32); store<f64>(tile, sumOfFour(s12), 40);
  store<f64>(tile, sumOfFour(s20), 48); store<f64>(tile, sumOfFour(s21), 56); store<f64>(tile, sumOfFour(s22), 64);
}

// All products of `count` rows of x with each other. products f64 [count, stride], of which the tiles on and under the diagonal are
// written.
// @ts-ignore: decorator
@inline function allProducts(x: usize, count: i32, length: i32, bytes: usize, products: usize, stride: i32, tile: usize, isCoarse: bool): void {
  const BLOCK = max(3, 131072 / max(<i32>bytes, 1) / 3 * 3); // rows that stay in the nearest caches
  for (let j0 = 0; j0 < count; j0 += BLOCK) {
    const end = min(j0 + BLOCK, count);
    for (let i = j0; i < count; i += 3) {
      for (let j = j0; j < end && j <= i; j += 3) {
        if (isCoarse) coarseTile3(x + <usize>i * bytes, x + <usize>j * bytes, length, tile);
        else tile3(x + <usize>i * bytes, x + <usize>j * bytes, length, tile);
        for (let p = 0; p < 3; p++) {
          const to = products + ((<usize>(i + p) * <usize>stride + <usize>j) << 3);
          const from = tile + <usize>(p * 24);
          store<f64>(to, load<f64>(from));
          store<f64>(to, load<f64>(from, 8), 8);
          store<f64>(to, load<f64>(from, 16), 16);
        }
      }
    }
  }
}

// `allProducts` of x f64 [count, length]: count a multiple of 3, length of 2
export function gram(x: usize, count: i32, length: i32, products: usize, stride: i32, tile: usize): void {
  allProducts(x, count, length, <usize>length << 3, products, stride, tile, false);
}

// `allProducts` of x f32 [count, length]: count a multiple of 3, length of 4; sums run in float32
export function coarseGram(x: usize, count: i32, length: i32, products: usize, stride: i32, tile: usize): void {
  allProducts(x, count, length, <usize>length << 2, products, stride, tile, true);
}

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

// As `fillColumns`, x f32, always of places
export function fillCoarseColumns(
  values: usize, places: usize, rows: i32, columns: i32, step: usize, centre: usize, roots: usize, x: usize, length: i32,
): void {
  const columnBytes = <usize>length << 2;
  for (let from = 0; from < rows; from += 16) {
    const to = min(from + 16, rows);
    for (let r = from; r < to; r++) {
      let at = values + <usize>load<u32>(places + (<usize>r << 2)) * step;
      let out = x + (<usize>r << 2);
      const root = load<f64>(roots + (<usize>r << 3));
      const end = centre + (<usize>columns << 3);
      for (let middle = centre; middle < end; middle += 8, at += 4, out += columnBytes) {
        store<f32>(out, <f32>((<f64>load<f32>(at) - load<f64>(middle)) * root));
      }
    }
  }
}

// Twice the wins of each resample, u32 [blocks, 8], blocks even. Weights u16 [blocks, prompts, 8]: eight resamples side by side, two
// blocks at once. order u32 [negatives], below and upTo u32 [positives], cumulative u16 [negatives + 1, 16].
export function resampledWins(
  positiveWeights: usize, negativeWeights: usize, positives: i32, negatives: i32, blocks: i32,
  order: usize, below: usize, upTo: usize, cumulative: usize, wins: usize,
): void {
  const positiveBytes = <usize>positives << 4, negativeBytes = <usize>negatives << 4;
  for (let block = 0; block < blocks; block += 2) {
    let one = i16x8.splat(0), two = i16x8.splat(0);
    v128.store(cumulative, one);
    v128.store(cumulative, two, 16);
    for (let i: usize = 0, end = <usize>negatives << 2, to = cumulative; i < end; i += 4, to += 32) {
      const weights = negativeWeights + (<usize>load<u32>(order + i) << 4);
      one = i16x8.add(one, v128.load(weights));
      two = i16x8.add(two, v128.load(weights + negativeBytes));
      v128.store(to, one, 32);
      v128.store(to, two, 48);
    }
    let low = i32x4.splat(0), high = i32x4.splat(0), nextLow = i32x4.splat(0), nextHigh = i32x4.splat(0);
    for (let i: usize = 0, end = <usize>positives << 2, at = positiveWeights; i < end; i += 4, at += 16) {
      const under = cumulative + (<usize>load<u32>(below + i) << 5), over = cumulative + (<usize>load<u32>(upTo + i) << 5);
      const weight = v128.load(at), next = v128.load(at + positiveBytes);
      const beaten = i16x8.add(v128.load(under), v128.load(over));
      const nextBeaten = i16x8.add(v128.load(under, 16), v128.load(over, 16));
      low = i32x4.add(low, i32x4.extmul_low_i16x8_u(weight, beaten));
      high = i32x4.add(high, i32x4.extmul_high_i16x8_u(weight, beaten));
      nextLow = i32x4.add(nextLow, i32x4.extmul_low_i16x8_u(next, nextBeaten));
      nextHigh = i32x4.add(nextHigh, i32x4.extmul_high_i16x8_u(next, nextBeaten));
    }
    v128.store(wins, low);
    v128.store(wins, high, 16);
    v128.store(wins, nextLow, 32);
    v128.store(wins, nextHigh, 48);
    wins += 64;
    positiveWeights += positiveBytes << 1;
    negativeWeights += negativeBytes << 1;
  }
}

// Puts the value that is the `rank`-th of values u32 [from, to) where it stands when they are sorted, none larger before it and none
// smaller behind (Hoare 1961), and returns it.
export function select(values: usize, from: i32, to: i32, rank: i32): u32 {
  let left = from, right = to - 1;
  while (left < right) {
    const middle = load<u32>(values + (<usize>rank << 2));
    let i = left, j = right;
    while (i <= j) {
      while (load<u32>(values + (<usize>i << 2)) < middle) i++;
      while (load<u32>(values + (<usize>j << 2)) > middle) j--;
      if (i > j) break;
      const one = load<u32>(values + (<usize>i << 2));
      store<u32>(values + (<usize>i << 2), load<u32>(values + (<usize>j << 2)));
      store<u32>(values + (<usize>j << 2), one);
      i++;
      j--;
    }
    if (j < rank) left = i;
    if (rank < i) right = j;
  }
  return load<u32>(values + (<usize>rank << 2));
}
