// Sums of lanes, and the products and sums of a few rows that the other files are made of.

// @ts-ignore: decorator
@inline export function sumOf(a: v128): f64 {
  return f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
}

// @ts-ignore: decorator
@inline export function wide(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at)); // two float32 as float64
}

// @ts-ignore: decorator
@inline export function multiplyAdd(sum: v128, a: v128, b: v128): v128 {
  return f64x2.add(sum, f64x2.mul(a, b));
}

// The four float32 of a, in float64.
// @ts-ignore: decorator
@inline export function sumOfFour(a: v128): f64 {
  return sumOf(f64x2.add(f64x2.promote_low_f32x4(a), f64x2.promote_low_f32x4(v128.shuffle<f32>(a, a, 2, 3, 2, 3))));
}

// @ts-ignore: decorator
@inline export function coarseAdd(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

// The product of one row of x with v: even and odd columns apart, as in all that follows, so that equal rows have equal products
// wherever they stand.
// @ts-ignore: decorator
@inline export function rowDot(row: usize, v: usize, columns: i32): f64 {
  let sum = f64x2.splat(0);
  const end = v + (<usize>columns << 3);
  for (let y = v, x = row; y < end; y += 16, x += 8) sum = multiplyAdd(sum, wide(x), v128.load(y));
  return sumOf(sum);
}

// The products of eight rows with v, to out, out + 8, …: eight sums that need not wait for each other.
export function eightDots(row: usize, v: usize, columns: i32, out: usize): void {
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
export function fourByTwo(row: usize, v: usize, columns: i32, out: usize, stride: usize): void {
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
@inline export function coarseDot(row: usize, v: usize, columns: i32): f64 {
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
export function coarseEightDots(row: usize, v: usize, columns: i32, out: usize): void {
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
export function coarseFourByTwo(row: usize, v: usize, columns: i32, out: usize, stride: usize): void {
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
export function coarseAddEight(row: usize, factors: usize, columns: i32, sum: usize): void {
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
export function addEight(row: usize, factors: usize, columns: i32, sum: usize): void {
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
@inline export function addRow(row: usize, factor: f64, sum: usize, columns: i32): void {
  const f = f64x2.splat(factor);
  const bytes = <usize>columns << 2;
  for (let i: usize = 0; i < bytes; i += 8) {
    const to = sum + (i << 1);
    v128.store(to, multiplyAdd(v128.load(to), wide(row + i), f));
  }
}
