import { expect, it } from 'vitest';
import { auroc, aurocOfRows } from '../../../src/core/auroc.ts';
import { HeldClasses } from '../../../src/core/class-aurocs.ts';
import { KernelHeap } from '../../../src/core/kernels.ts';
import { matrixOf, rowProducts, type Matrix } from '../../../src/core/matrix.ts';
import { createRandom, gaussian } from '../../../src/core/random.ts';

const COLUMNS = 13;
const random = createRandom(8);
const draw = (length: number): Float64Array => Float64Array.from({ length }, () => gaussian(random));
const matrix = (rows: number): Matrix => matrixOf(Float32Array.from(draw(rows * COLUMNS)), COLUMNS);

it('tries each direction on its classes together, as AUROC of its scores one by one', () => {
  const negatives = matrix(41);
  const positives = new Map([
    ['theft', matrix(7)],
    ['arson', matrix(16)],
  ]);
  const held = new HeldClasses(new KernelHeap(), { negatives, positives });
  const tried = [
    { directions: [draw(COLUMNS), draw(COLUMNS), draw(COLUMNS)], classes: ['theft', 'arson'] },
    { directions: [draw(COLUMNS)], classes: ['arson'] },
  ];
  const expected = tried.map(({ directions, classes }) =>
    directions.map((direction) => {
      const scores = classes.flatMap((name) => [...rowProducts(positives.get(name) as Matrix, direction)]);
      return auroc(Float64Array.from(scores), rowProducts(negatives, direction));
    }),
  );
  expect(held.aurocs(tried)).toEqual(expected);
  expect(held.aurocs(tried.toReversed())).toEqual(expected.toReversed()); // nothing is left behind
});

it('takes AUROC at some rows of the scores', () => {
  const scores = Float32Array.of(3, 1, 2, 5, 2);
  expect(aurocOfRows(scores, Uint32Array.of(3, 2), Uint32Array.of(4, 0))).toBe(2.5 / 4);
  expect(() => aurocOfRows(scores, Uint32Array.of(3), new Uint32Array())).toThrow('the safe class is empty');
  expect(() => aurocOfRows(Float32Array.of(1, NaN), Uint32Array.of(0), Uint32Array.of(1))).toThrow(
    'safe score 0 is NaN',
  );
});
