import { expect, it } from 'vitest';
import { classMoments, jointMoments, sampleMoments, type Shrinkage } from '../../../../src/core/linalg/covariance.ts';
import { lda } from '../../../../src/core/probes/lda.ts';
import { decisionValues } from '../../../../src/core/probes/linear-probe.ts';
import { fitLogistic } from '../../../../src/core/probes/logistic.ts';
import { heldMatrix, holdRows, rangeOf, seenFrom, type HeldRows } from '../../../../src/core/kernels/kernel-rows.ts';
import { KernelHeap } from '../../../../src/core/kernels/kernels.ts';
import { matrixOf } from '../../../../src/core/linalg/matrix.ts';
import { createRandom, gaussian } from '../../../../src/core/sampling/random.ts';
import { dot, relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import ldaGoldens from '../../../fixtures/statistics/lda.json' with { type: 'json' };
import logisticGoldens from '../../../fixtures/statistics/logistic.json' with { type: 'json' };

const hold = (values: Float32Array, columns: number): HeldRows => holdRows(new KernelHeap(), matrixOf(values, columns));

it.each(Object.entries(ldaGoldens))('agrees with scikit-learn’s linear discriminant: %s', (_, golden) => {
  const { columns } = golden;
  const shrinkage: Shrinkage = typeof golden.shrinkage === 'number' ? golden.shrinkage : 'ledoit-wolf';
  const harmful = classMoments(hold(Float32Array.from(golden.harmful), columns), shrinkage);
  const safe = classMoments(hold(Float32Array.from(golden.safe), columns), shrinkage);
  if (shrinkage === 'ledoit-wolf') expect(harmful.shrinkage).toBeCloseTo(golden.ledoitWolf, 12);
  const { weights, intercept } = lda(harmful, safe);
  expect(relativeL2(weights, Float64Array.from(golden.weights))).toBeLessThan(1e-9);
  expect(Math.abs(intercept / golden.intercept - 1)).toBeLessThan(1e-9);
});

/** Two classes whose columns have shared factors and a mean far from zero. */
function madeUpClasses(counts: readonly number[], columns: number): { rows: Float32Array[]; labels: Uint8Array } {
  const random = createRandom(11);
  const factors = Array.from({ length: 5 }, () => Float64Array.from({ length: columns }, () => gaussian(random)));
  const draw = (harmful: number): Float32Array => {
    const strengths = factors.map((_, i) => (2 * gaussian(random)) / (i + 1) + (i === 2 ? harmful : 0));
    return Float32Array.from({ length: columns }, (_, column) =>
      strengths.reduce((sum, strength, i) => sum + strength * (factors[i]?.[column] ?? 0), 3 + gaussian(random) / 2),
    );
  };
  const [harmful = 0, safe = 0] = counts;
  const labels = new Uint8Array(harmful + safe).fill(1, 0, harmful);
  return { rows: Array.from(labels, draw), labels };
}

const flat = (rows: readonly Float32Array[]): Float32Array => Float32Array.from(rows.flatMap((row) => [...row]));

it('shrinks beyond 512 dimensions as strongly as Ledoit and Wolf say', () => {
  const columns = 520;
  const { rows } = madeUpClasses([30, 0], columns);
  const { shrinkage, mean, variance } = classMoments(hold(flat(rows), columns));
  const scaled = rows.map((row) => Float64Array.from(row, (value, i) => (value - (mean[i] ?? 0)) / Math.sqrt(variance[i] ?? 1)));
  // The definition: of standardised rows z, so that R has ones on its diagonal, and the target is the identity.
  let [squares, fourth] = [0, 0]; // ‖R‖², Σ ‖z‖⁴ / n
  for (const one of scaled) for (const other of scaled) squares += (dot(one, other) / rows.length) ** 2;
  for (const one of scaled) fourth += dot(one, one) ** 2 / rows.length;
  const [distance, noise] = [squares - columns, (fourth - squares) / rows.length];
  expect(Math.abs(shrinkage - noise / distance)).toBeLessThan(1e-6);
  expect(shrinkage).toBeGreaterThan(0.1);
  expect(shrinkage).toBeLessThan(0.9);
}); // prettier-ignore

it.each(['ledoit-wolf', 0.1] as const)('solves beyond 512 dimensions without a covariance matrix: %s', (shrinkage) => {
  const columns = 520;
  const { rows, labels } = madeUpClasses([30, 40], columns);
  const moments = (label: number) =>
    classMoments(hold(flat(rows.filter((_, i) => labels[i] === label)), columns), shrinkage);
  const [harmful, safe] = [moments(1), moments(0)];
  expect(harmful.covariance).toBeNull();
  const { weights } = lda(harmful, safe);
  // The definition: the pooled covariance, made entry by entry, times the weights is the difference of means.
  const image = new Float64Array(columns);
  for (const { rows: held, mean, keep, ridge } of [harmful, safe]) {
    const ofClass = heldMatrix(held);
    const share = ofClass.rows / 70;
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let row = 0; row < ofClass.values.length; row += columns) {
          sum += ((ofClass.values[row + i] ?? 0) - (mean[i] ?? 0)) * ((ofClass.values[row + j] ?? 0) - (mean[j] ?? 0));
        }
        const entry = (keep * sum) / ofClass.rows + (i === j ? (ridge[i] ?? 0) : 0);
        image[i] = (image[i] ?? 0) + share * entry * (weights[j] ?? 0);
      }
    }
  }
  expect(
    relativeL2(
      image,
      harmful.mean.map((mean, i) => mean - (safe.mean[i] ?? 0)),
    ),
  ).toBeLessThan(1e-7);
});

it('takes the same shrinkage from rows and from columns', () => {
  const { rows } = madeUpClasses([40, 1], 513); // by rows
  const wide = classMoments(hold(flat(rows), 513)).shrinkage;
  const constant = rows.map((row) => row.with(512, 2)); // a column that never varies
  const narrow = classMoments(hold(flat(rows.map((row) => row.subarray(0, 512))), 512)).shrinkage; // by columns
  const withConstant = classMoments(hold(flat(constant), 513));
  expect(Math.abs(wide - narrow)).toBeLessThan(0.01);
  expect(Math.abs(withConstant.shrinkage - narrow)).toBeLessThan(0.01);
  expect(withConstant.ridge[512]).toBeGreaterThan(0);
});

it('puts the moments of parts together as those of all rows', () => {
  const { rows } = madeUpClasses([30, 50], 9);
  const parts = [rows.slice(0, 30), rows.slice(30)].map((part) => sampleMoments(hold(flat(part), 9)));
  const [joint, whole] = [jointMoments(parts), sampleMoments(hold(flat(rows), 9))];
  expect(joint.count).toBe(80);
  expect(relativeL2(joint.mean, whole.mean)).toBeLessThan(1e-13);
  expect(relativeL2(joint.covariance ?? new Float64Array(), whole.covariance ?? new Float64Array())).toBeLessThan(
    1e-13,
  );
});

it('fits the same whether moments are known and the classes lie apart, from wherever the rows are seen, or not', () => {
  const { rows, labels } = madeUpClasses([60, 90], 12);
  const all = hold(flat(rows), 12);
  const one = fitLogistic(all, labels, { tolerance: 1e-9 });
  const apart = [rangeOf(all, 0, 60), rangeOf(all, 60, 90)];
  const moments = apart.map((part) => sampleMoments(part));
  const other = fitLogistic(apart, labels, { tolerance: 1e-9, moments });
  expect(relativeL2(other.weights, one.weights)).toBeLessThan(1e-6);
  const moved = seenFrom(all, new Float64Array(12).fill(3));
  const third = fitLogistic(moved, labels, { tolerance: 1e-9 });
  expect(relativeL2(third.weights, one.weights)).toBeLessThan(1e-6);
  expect(third.intercept).toBeCloseTo(one.intercept, 5);
});

it('refuses a covariance that cannot be inverted', () => {
  const { rows } = madeUpClasses([8, 8], 20);
  const harmful = classMoments(hold(flat(rows.slice(0, 8)), 20), 0);
  const safe = classMoments(hold(flat(rows.slice(8)), 20), 0);
  expect(() => lda(harmful, safe)).toThrow('a covariance of 20 dimensions cannot be inverted');
  expect(() => classMoments(hold(flat(rows), 20), 1.5)).toThrow('shrinkage 1.5');
  expect(() => matrixOf(Float32Array.of(1, 2, NaN, 4), 2)).toThrow('row 1 is NaN at column 0');
  expect(() => matrixOf(Float32Array.of(1, 2, 3), 2)).toThrow('no matrix of 2 columns');
});

it.each(Object.entries(logisticGoldens))('agrees with scikit-learn’s logistic regression: %s', (_, golden) => {
  const inputs = matrixOf(Float32Array.from(golden.rows), golden.columns);
  const held = holdRows(new KernelHeap(), inputs);
  const labels = Uint8Array.from(golden.labels);
  const fit = fitLogistic(held, labels, { C: golden.C, tolerance: 1e-9 });
  expect(relativeL2(fit.weights, Float64Array.from(golden.weights))).toBeLessThan(1e-6);
  expect(Math.abs(fit.intercept - golden.intercept)).toBeLessThan(1e-6 * Math.max(1, Math.abs(golden.intercept)));
  // The tolerance as it comes: what it does to the scores.
  const usual = decisionValues(fitLogistic(held, labels, { C: golden.C }), inputs);
  expect(relativeL2(usual, decisionValues(fit, inputs))).toBeLessThan(1e-3);
});

it('fits rows of more dimensions than the sampled curvature takes', () => {
  const columns = 700;
  const { rows, labels } = madeUpClasses([60, 90], columns);
  const inputs = matrixOf(flat(rows), columns);
  const fit = fitLogistic(holdRows(new KernelHeap(), inputs), labels, { tolerance: 1e-8 });
  expect(fit.gradient).toBeLessThan(1e-8);
  // At the optimum the weights are C Σ (label − probability) row, and the errors add up to zero.
  const margins = decisionValues(fit, inputs);
  const errors = margins.map((margin, i) => (labels[i] ?? 0) - 1 / (1 + Math.exp(-margin)));
  const expected = new Float64Array(columns);
  for (const [i, row] of rows.entries()) {
    for (let j = 0; j < columns; j++) expected[j] = (expected[j] ?? 0) + (errors[i] ?? 0) * (row[j] ?? 0);
  }
  expect(relativeL2(fit.weights, expected)).toBeLessThan(1e-4);
  expect(Math.abs(errors.reduce((sum, error) => sum + error, 0))).toBeLessThan(1e-5);
});

it('refuses labels of one class, or for other rows', () => {
  const inputs = hold(Float32Array.of(1, 2, 3), 1);
  expect(() => fitLogistic(inputs, Uint8Array.of(1, 1, 1))).toThrow('on 3 rows, 3 labels, 3 of them harmful');
  expect(() => fitLogistic(inputs, Uint8Array.of(1, 0))).toThrow('on 3 rows, 2 labels');
  expect(() => fitLogistic(inputs, Uint8Array.of(1, 0, 2))).toThrow('3 labels');
  expect(() => fitLogistic(inputs, Uint8Array.of(1, 0, 0), { C: 0 })).toThrow('with C 0');
});
