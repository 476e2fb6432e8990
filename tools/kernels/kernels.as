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
@inline function rowDot(row: usize, v: usize, columns: i32): f64 {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  for (let i = 0; i < columns; i += 8) {
    const x = row + (<usize>i << 2);
    const y = v + (<usize>i << 3);
    a = f64x2.add(a, f64x2.mul(wide(x), v128.load(y)));
    b = f64x2.add(b, f64x2.mul(wide(x + 8), v128.load(y + 16)));
    c = f64x2.add(c, f64x2.mul(wide(x + 16), v128.load(y + 32)));
    d = f64x2.add(d, f64x2.mul(wide(x + 24), v128.load(y + 48)));
  }
  return sumOf(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
}

// @ts-ignore: decorator
@inline function addRow(row: usize, factor: f64, sum: usize, columns: i32): void {
  const f = f64x2.splat(factor);
  for (let i = 0; i < columns; i += 4) {
    const x = row + (<usize>i << 2);
    const y = sum + (<usize>i << 3);
    v128.store(y, f64x2.add(v128.load(y), f64x2.mul(wide(x), f)));
    v128.store(y + 16, f64x2.add(v128.load(y + 16), f64x2.mul(wide(x + 8), f)));
  }
}

// x f32 [rows, columns], columns a multiple of 8; v f64 [columns]; products f64 [rows]
export function rowProducts(x: usize, v: usize, rows: i32, columns: i32, products: usize): void {
  for (let r = 0; r < rows; r++) {
    store<f64>(products + (<usize>r << 3), rowDot(x + <usize>r * <usize>columns * 4, v, columns));
  }
}

// sum f64 [columns] += Σ factors[r] x[r]
export function addRows(x: usize, factors: usize, rows: i32, columns: i32, sum: usize): void {
  for (let r = 0; r < rows; r++) {
    addRow(x + <usize>r * <usize>columns * 4, load<f64>(factors + (<usize>r << 3)), sum, columns);
  }
}

// sum f64 [columns] += Σ w[r] (x[r]·v + offset) x[r]; returns Σ w[r] (x[r]·v + offset). One pass over x.
export function addCurvature(
  x: usize, v: usize, offset: f64, w: usize, rows: i32, columns: i32, sum: usize,
): f64 {
  let total: f64 = 0;
  for (let r = 0; r < rows; r++) {
    const row = x + <usize>r * <usize>columns * 4;
    const factor = (rowDot(row, v, columns) + offset) * load<f64>(w + (<usize>r << 3));
    addRow(row, factor, sum, columns);
    total += factor;
  }
  return total;
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
