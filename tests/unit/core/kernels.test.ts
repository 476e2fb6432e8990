import { expect, it } from 'vitest';
import { lowerOf, withFactor } from '../../../src/core/cholesky.ts';
import { gramOfColumns, gramOfRows } from '../../../src/core/gram.ts';
import { KernelHeap } from '../../../src/core/kernels.ts';
import { withProducts } from '../../../src/core/matrix-products.ts';
import { matrixOf } from '../../../src/core/matrix.ts';
import { createRandom, gaussian } from '../../../src/core/random.ts';
import { relativeL2 } from '../../../src/core/vectors.ts';

const random = createRandom(2);
const draw = (length: number): Float64Array => Float64Array.from({ length }, () => gaussian(random));

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
  withProducts(matrix, ({ multiply, multiplyAll, combine, curvature, logistic }) => {
    expect(relativeL2(multiply(vector), plain.multiply)).toBeLessThan(1e-13);
    for (const count of [1, 2, 5]) {
      const vectors = [vector, ...Array.from({ length: count - 1 }, () => draw(columns))];
      expect(multiplyAll(vectors)).toEqual(vectors.map(multiply)); // to the last bit
    }
    expect(relativeL2(combine(factors), plain.combine)).toBeLessThan(1e-13);
    const { sums, total } = curvature(vector, 0.7, factors);
    expect(
      relativeL2(
        sums,
        each(columns, (i) => sum(rows, (row) => at(row, i) * (scaled[row] ?? 0))),
      ),
    ).toBeLessThan(1e-13);
    expect(Math.abs(total - sum(rows, (row) => scaled[row] ?? 0))).toBeLessThan(1e-12);
    const labels = Uint8Array.from({ length: rows }, (_, row) => row % 2);
    const [filled, errorSums] = [new Float64Array(rows), new Float64Array(columns)];
    for (const size of [1, 30, 800]) {
      // as large as to leave nothing of e^−|margin|
      const margins = plain.multiply.map((product) => size * product + 0.7);
      const probabilities = margins.map((margin) => 1 / (1 + Math.exp(-margin)));
      const errors = probabilities.map((probability, row) => probability - (labels[row] ?? NaN));
      const pass = logistic(labels)(
        vector.map((value) => size * value),
        0.7,
        filled,
        errorSums,
      );
      const loss = sum(rows, (row) => {
        const signed = labels[row] === 1 ? -(margins[row] ?? NaN) : (margins[row] ?? NaN);
        return Math.max(signed, 0) + Math.log1p(Math.exp(-Math.abs(signed)));
      });
      expect(Math.abs(pass.loss - loss)).toBeLessThan(1e-12 * Math.max(1, loss));
      expect(Math.abs(pass.total - sum(rows, (row) => errors[row] ?? NaN))).toBeLessThan(1e-12);
      const gradient = each(columns, (i) => sum(rows, (row) => at(row, i) * (errors[row] ?? NaN)));
      expect(Math.max(...errorSums.map((value, i) => Math.abs(value - (gradient[i] ?? NaN))))).toBeLessThan(1e-12);
      const weights = probabilities.map((probability) => probability * (1 - probability));
      expect(Math.max(...filled.map((value, row) => Math.abs(value - (weights[row] ?? NaN))))).toBeLessThan(1e-15);
    }
    expect(relativeL2(multiply(vector), plain.multiply)).toBeLessThan(1e-13); // nothing of it is left behind
  });
  const centred = (row: number, i: number): number => at(row, i) - (vector[i] ?? 0);
  const gram = each(rows * rows, (entry) => {
    const [one, other] = [Math.floor(entry / rows), entry % rows];
    return sum(columns, (i) => centred(one, i) * centred(other, i) * 4);
  });
  expect(relativeL2(gramOfRows(matrix, vector, new Float64Array(columns).fill(2)), gram)).toBeLessThan(1e-13);
  const scatter = each(columns * columns, (entry) => {
    const [one, other] = [Math.floor(entry / columns), entry % columns];
    return sum(rows, (row) => 9 * centred(row, one) * centred(row, other));
  });
  expect(relativeL2(gramOfColumns(matrix, vector, new Float64Array(rows).fill(3)), scatter)).toBeLessThan(1e-13);
});

it('give equal rows equal products wherever they stand, so that ties stay ties', () => {
  const row = Float32Array.from(draw(24));
  const matrix = matrixOf(
    Float32Array.from({ length: 13 * 24 }, (_, i) => row[i % 24] ?? NaN),
    24,
  );
  const products = withProducts(matrix, ({ multiplyAll }) => multiplyAll([draw(24), draw(24), draw(24)]));
  for (const ofVector of products) expect(new Set(ofVector).size).toBe(1);
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
