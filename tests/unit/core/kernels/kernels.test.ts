import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inverseOfColumns } from '../../../../src/core/linalg/sampled-inverse.ts';
import { withFactor } from '../../../../src/core/linalg/cholesky.ts';
import { coarseGramOfRows, gramOfColumns, gramOfRows } from '../../../../src/core/linalg/gram.ts';
import { ClassOrder } from '../../../../src/core/kernels/class-order.ts';
import { HeldClasses } from '../../../../src/core/kernels/kernel-classes.ts';
import { rangeOf, seenFrom, withRows } from '../../../../src/core/kernels/kernel-rows.ts';
import { KERNELS_SOURCE } from '../../../../src/core/kernels/kernels-wasm.ts';
import { KernelHeap } from '../../../../src/core/kernels/kernels.ts';
import { heldLogistic } from '../../../../src/core/kernels/logistic-pass.ts';
import { lowerOf } from '../../../../src/core/linalg/lower-triangle.ts';
import { matrixOf } from '../../../../src/core/linalg/matrix.ts';
import { createRandom, gaussian } from '../../../../src/core/sampling/random.ts';
import { coarseProductsOf, combineCoarsely, combineHeld, curvatureProduct, heldScores, rowMean, rowSquares } from '../../../../src/core/kernels/row-products.ts'; // prettier-ignore
import { relativeL2 } from '../../../../src/core/linalg/vectors.ts';

const random = createRandom(2);
const draw = (length: number): Float64Array => Float64Array.from({ length }, () => gaussian(random));

it('is compiled from the sources that are there', () => {
  const folder = join(import.meta.dirname, '../../../../tools/kernels');
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.as'))
    .sort();
  const hash = createHash('sha256');
  for (const name of sources) hash.update(readFileSync(join(folder, name)));
  expect(hash.digest('hex'), 'run tools/kernels/build.sh').toBe(KERNELS_SOURCE);
});

// Rows and columns that fill the kernels' lanes and tiles, and that leave one or more over.
it.each([
  [1, 1],
  [3, 8],
  [5, 7],
  [7, 17],
  [12, 130],
  [29, 24],
])('agree with plain sums on [%i, %i]', (rows, columns) => {
  const matrix = matrixOf(Float32Array.from(draw(rows * columns)), columns);
  const at = (row: number, column: number): number => matrix.values[row * columns + column] ?? NaN;
  const each = (count: number, of: (i: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => of(i));
  const sum = (count: number, of: (i: number) => number): number =>
    each(count, of).reduce((total, value) => total + value, 0);
  const [vector, factors] = [draw(columns), draw(rows)];
  const plain = {
    multiply: each(rows, (row) => sum(columns, (i) => at(row, i) * (vector[i] ?? 0))),
    combine: each(columns, (i) => sum(rows, (row) => at(row, i) * (factors[row] ?? 0))),
  };
  const scaled = plain.multiply.map((product, row) => (product + 0.7) * (factors[row] ?? 0));
  withRows(matrix, (held) => {
    const multiply = (by: Float64Array): Float64Array => heldScores(held, [{ weights: by, intercept: 0 }])[0] as Float64Array; // prettier-ignore
    expect(relativeL2(multiply(vector), plain.multiply)).toBeLessThan(1e-13);
    for (const count of [1, 2, 5]) {
      const vectors = [vector, ...Array.from({ length: count - 1 }, () => draw(columns))];
      const probes = vectors.map((weights) => ({ weights, intercept: 0 }));
      expect(heldScores(held, probes)).toEqual(vectors.map(multiply)); // to the last bit
    }
    expect(relativeL2(combineHeld(held, factors), plain.combine)).toBeLessThan(1e-13);
    expect(
      relativeL2(
        combineCoarsely(held, (to) => {
          to.set(factors);
        }),
        plain.combine,
      ),
    ).toBeLessThan(1e-5);
    expect(relativeL2(coarseProductsOf(held, vector), plain.multiply)).toBeLessThan(1e-5);
    const curved = each(columns, (i) => sum(rows, (row) => at(row, i) * (scaled[row] ?? 0)));
    for (const [exactness, rounding] of [
      ['exact', 1e-12],
      ['coarse', 1e-5],
    ] as const) {
      const { sums, total } = curvatureProduct(held, vector, 0.7, factors, exactness);
      expect(relativeL2(sums, curved)).toBeLessThan(rounding);
      expect(Math.abs(total - sum(rows, (row) => scaled[row] ?? 0))).toBeLessThan(rounding * 10);
    }
    const labels = Uint8Array.from({ length: rows }, (_, row) => row % 2);
    const { exact, coarse, curvature } = heldLogistic([held], labels);
    const sumsOfErrors = new Float64Array(columns);
    for (const size of [1, 30, 800]) {
      // as large as to leave nothing of e^−|margin|
      const margins = plain.multiply.map((product) => size * product + 0.7);
      const probabilities = margins.map((margin) => 1 / (1 + Math.exp(-margin)));
      const errors = probabilities.map((probability, row) => probability - (labels[row] ?? NaN));
      const loss = sum(rows, (row) => {
        const signed = labels[row] === 1 ? -(margins[row] ?? NaN) : (margins[row] ?? NaN);
        return Math.max(signed, 0) + Math.log1p(Math.exp(-Math.abs(signed)));
      });
      const gradient = each(columns, (i) => sum(rows, (row) => at(row, i) * (errors[row] ?? NaN)));
      const weights = probabilities.map((probability) => probability * (1 - probability));
      const largest = (one: Float64Array, other: Float64Array): number =>
        Math.max(...one.map((value, i) => Math.abs(value - (other[i] ?? NaN))));
      for (const [pass, rounding] of [
        [exact, 1e-12],
        [coarse ?? exact, 3e-5 * size], // of margins
      ] as const) {
        const found = pass(vector.map((value) => size * value), 0.7, sumsOfErrors); // prettier-ignore
        expect(Math.abs(found.loss - loss)).toBeLessThan(rounding * Math.max(1, loss));
        expect(Math.abs(found.total - sum(rows, (row) => errors[row] ?? NaN))).toBeLessThan(rounding);
        expect(largest(sumsOfErrors, gradient)).toBeLessThan(rounding);
        expect(largest(curvature(1), weights)).toBeLessThan(rounding / 100);
      }
    }
    expect(relativeL2(multiply(vector), plain.multiply)).toBeLessThan(1e-13); // nothing of it is left behind
  });
  const centred = (row: number, i: number): number => at(row, i) - (vector[i] ?? 0);
  const gram = each(rows * rows, (entry) => {
    const [one, other] = [Math.floor(entry / rows), entry % rows];
    return sum(columns, (i) => centred(one, i) * centred(other, i) * 4);
  });
  const twos = new Float64Array(columns).fill(2);
  expect(relativeL2(gramOfRows(matrix, vector, twos), gram)).toBeLessThan(1e-13);
  const lower = gram.map((product, entry) => (entry % rows <= Math.floor(entry / rows) ? product : 0));
  expect(relativeL2(coarseGramOfRows(matrix, vector, twos), lower)).toBeLessThan(1e-6);
  const scatter = each(columns * columns, (entry) => {
    const [one, other] = [Math.floor(entry / columns), entry % columns];
    return sum(rows, (row) => centred(row, one) * centred(row, other));
  });
  expect(relativeL2(gramOfColumns(matrix, vector), scatter)).toBeLessThan(1e-13);
  const squares = each(rows, (row) => sum(columns, (i) => (centred(row, i) * (i + 1)) ** 2));
  const scales = each(columns, (i) => i + 1);
  expect(relativeL2(withRows(matrix, (held) => rowSquares(held, vector, scales)), squares)).toBeLessThan(1e-13); // prettier-ignore
  withRows(matrix, (held) => {
    const moved = seenFrom(seenFrom(held, vector), scales); // what rounding leaves is of the rows as they are held
    expect(relativeL2(rowSquares(moved, vector, scales), squares)).toBeLessThan(1e-5);
    const mean = each(columns, (i) => sum(rows, (row) => at(row, i)) / rows);
    expect(relativeL2(rowMean(moved), mean)).toBeLessThan(1e-5);
  });
});

it.each([17, 40, 128])(
  'invert the curvature of %i columns, of all rows where they are few, wherever its rows lie',
  (columns) => {
    const matrix = matrixOf(Float32Array.from(draw(50 * columns)), columns);
    const weights = draw(50).map((value) => value ** 2);
    const origin = draw(columns).map((value) => value / 10);
    withRows(matrix, (held) => {
      const parts = [rangeOf(held, 20, 30), rangeOf(held, 0, 20)]; // not in their order
      const solve = inverseOfColumns(parts, weights, origin, 0.5);
      const x = draw(columns + 1);
      const image = new Float64Array(columns + 1);
      for (const [place, weight] of weights.entries()) {
        const row = place < 30 ? place + 20 : place - 30;
        const inputs = Float64Array.from({ length: columns + 1 }, (_, i) => i < columns ? (matrix.values[row * columns + i] ?? NaN) - (origin[i] ?? NaN) : 1); // prettier-ignore
        const product = inputs.reduce((sum, value, i) => sum + value * (x[i] ?? NaN), 0);
        for (const [i, value] of inputs.entries()) image[i] = (image[i] ?? NaN) + weight * value * product;
      }
      for (let i = 0; i < columns; i++) image[i] = (image[i] ?? NaN) + 0.5 * (x[i] ?? NaN);
      expect(relativeL2(solve(image), x)).toBeLessThan(1e-4);
    });
  },
);

it('give equal rows equal products wherever they stand, so that ties stay ties', () => {
  const row = Float32Array.from(draw(24));
  const matrix = matrixOf(
    Float32Array.from({ length: 13 * 24 }, (_, i) => row[i % 24] ?? NaN),
    24,
  );
  const vectors = [draw(24), draw(24), draw(24)];
  const products = withRows(matrix, (held) => heldScores(held, vectors.map((weights) => ({ weights, intercept: 0 })))); // prettier-ignore
  for (const ofVector of products) expect(new Set(ofVector).size).toBe(1);
  const places = new Map([['all', Uint32Array.from({ length: 13 }, (_, i) => i)]]);
  const held = new HeldClasses(new KernelHeap(), [matrix], new ClassOrder(places, 'all'));
  const splits = vectors.map((_, i) => ({ positive: Uint32Array.of(i, 12), negative: Uint32Array.of(4, 9, 11) }));
  expect(held.aurocsOfSplits(vectors, splits)).toEqual([0.5, 0.5, 0.5]); // coarse ones too
});

it('factor what is positive definite, of even and odd size', () => {
  for (const size of [1, 4, 5, 11]) {
    const rows = matrixOf(Float32Array.from(draw(3 * size * size)), size);
    const matrix = gramOfColumns(rows, new Float64Array(size));
    const x = draw(size);
    const b = x.map((_, row) => x.reduce((sum, value, i) => sum + value * (matrix[row * size + i] ?? NaN), 0));
    expect(
      relativeL2(
        withFactor(size, lowerOf(matrix, size), (solve) => solve(b)),
        x,
      ),
    ).toBeLessThan(1e-10);
  }
  expect(() => withFactor(2, lowerOf(Float64Array.of(1, 2, 2, 1), 2), (solve) => solve(Float64Array.of(1, 1)))).toThrow(
    'cannot be inverted',
  );
});

it('hand their memory out like a stack, and free it after an error too', () => {
  const heap = new KernelHeap();
  const first = heap.allocate(3);
  expect(first % 16).toBe(0);
  const second = heap.scoped(() => heap.allocate(1_000_000)); // grows
  expect(second).toBe(first + 16);
  expect(() =>
    heap.scoped(() => {
      heap.allocate(40);
      throw new Error('of the work');
    }),
  ).toThrow('of the work');
  expect(heap.allocate(8)).toBe(second);
  expect(() => heap.allocate(2 ** 33)).toThrow('MB of memory');
});
