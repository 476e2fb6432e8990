import { expect, it } from 'vitest';
import { auroc } from '../../../../src/core/statistics/auroc.ts';
import { ClassOrder } from '../../../../src/core/kernels/class-order.ts';
import { HeldClasses, type RowSplit } from '../../../../src/core/kernels/kernel-classes.ts';
import { KernelHeap } from '../../../../src/core/kernels/kernels.ts';
import { matrixOf, rowProducts, takeRows, weightedRowSum, type Matrix } from '../../../../src/core/linalg/matrix.ts';
import { createRandom, gaussian } from '../../../../src/core/sampling/random.ts';
import { relativeL2 } from '../../../../src/core/linalg/vectors.ts';

const COLUMNS = 13;
const random = createRandom(8);
const draw = (length: number): Float64Array => Float64Array.from({ length }, () => gaussian(random));
const matrix = matrixOf(Float32Array.from(draw(66 * COLUMNS).map((value, i) => value + (i % COLUMNS === 4 ? 300 : 0))), COLUMNS); // prettier-ignore
const every = (step: number, from: number, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => from + i * step);
const PLACES = new Map([
  ['negative', every(1, 10, 40)], // the last two rows are of no class
  ['theft', every(2, 51, 7)],
  ['arson', Uint32Array.of(50, 52, 54, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)],
]);
const half = (from: number): Matrix => ({ values: matrix.values.slice(from * COLUMNS, (from + 33) * COLUMNS), rows: 33, columns: COLUMNS }); // prettier-ignore
const hold = (): HeldClasses =>
  new HeldClasses(new KernelHeap(), [half(0), half(33)], new ClassOrder(PLACES, 'negative'));
const scoresOf = (direction: Float64Array, ...names: string[]): Float64Array =>
  Float64Array.from(names.flatMap((name) => [...rowProducts(takeRows(matrix, PLACES.get(name) ?? new Uint32Array()), direction)])); // prettier-ignore
const BOTH = { first: 'theft', last: 'arson' };
const ARSON = { first: 'arson', last: 'arson' };

it('tries each direction on its classes together, as AUROC of its scores one by one', () => {
  const held = hold();
  held.centre();
  const tried = [
    { directions: [draw(COLUMNS), draw(COLUMNS), draw(COLUMNS)], harmful: BOTH },
    { directions: [draw(COLUMNS)], harmful: ARSON },
  ];
  const expected = tried.map(({ directions, harmful }) =>
    directions.map((direction) => {
      const names = harmful === BOTH ? ['theft', 'arson'] : ['arson'];
      return auroc(scoresOf(direction, ...names), scoresOf(direction, 'negative'));
    }),
  );
  expect(held.aurocs(tried)).toEqual(expected);
  expect(held.aurocs(tried.toReversed())).toEqual(expected.toReversed()); // nothing is left behind
});

it('gives the scores of probes by class, seen from the origin or from the mean', () => {
  const tried = [BOTH, ARSON, BOTH].map((harmful, i) => ({ probe: { weights: draw(COLUMNS), intercept: i }, harmful }));
  const held = hold();
  for (const tolerance of [1e-14, 1e-7]) {
    for (const [place, [harmful, safe]] of held.scores(tried).entries()) {
      const { probe, harmful: range } = tried[place] as (typeof tried)[number];
      const add = (score: number): number => score + probe.intercept;
      const names = range === BOTH ? ['theft', 'arson'] : ['arson'];
      expect(relativeL2(harmful, scoresOf(probe.weights, ...names).map(add))).toBeLessThan(tolerance);
      expect(relativeL2(safe, scoresOf(probe.weights, 'negative').map(add))).toBeLessThan(tolerance);
    }
    held.centre(); // in float32: the scores are then of rounded rows
  }
});

it('tries directions on other classes than its own, and contrasts rows', () => {
  const held = hold();
  held.centre();
  const directions = [draw(COLUMNS), draw(COLUMNS)];
  const splits = [
    { positive: Uint32Array.of(0, 9, 12, 63), negative: Uint32Array.of(49, 50, 20) },
    { positive: Uint32Array.of(10), negative: every(3, 11, 12) },
  ];
  const expected = directions.map((direction, i) => {
    const scores = rowProducts(matrix, direction);
    const { positive, negative } = splits[i] as RowSplit;
    const take = (rows: Uint32Array): Float64Array => Float64Array.from(rows, (row) => scores[row] ?? NaN);
    return auroc(take(positive), take(negative));
  });
  expect(held.aurocsOfSplits(directions, splits)).toEqual(expected);
  const factors = new Float64Array(66);
  for (const [row, factor] of [
    [3, 0.5],
    [12, -1],
    [51, 0.5],
  ] as const) {
    factors[row] = factor;
  }
  expect(relativeL2(held.contrast(factors), weightedRowSum(matrix, factors))).toBeLessThan(1e-5);
});

it('refuses activations that are not finite', () => {
  const broken = { ...matrix, values: Float32Array.from(matrix.values) };
  broken.values[12 * COLUMNS + 3] = Infinity;
  expect(() => new HeldClasses(new KernelHeap(), [broken], new ClassOrder(PLACES, 'negative'))).toThrow(
    'row 12 is Infinity at column 3',
  );
});
