// All products of the rows of a matrix with each other. All pointers are multiples of 16; the caller owns the memory, and pads as each function says. Sums run in float64.
import { coarseAdd, sumOf, sumOfFour } from "./sums";

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
