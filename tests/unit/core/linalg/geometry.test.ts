import { expect, it } from 'vitest';
import { matrixOf, projections, stackRows } from '../../../../src/core/linalg/matrix.ts';
import { pca } from '../../../../src/core/linalg/pca.ts';
import { principalAngles } from '../../../../src/core/linalg/principal-angles.ts';
import { cosineMatrix, drift, harmCoordinates, spreadAround } from '../../../../src/core/probes/class-spread.ts';
import { projection } from '../../../../src/core/probes/directions.ts';
import angleGoldens from '../../../fixtures/statistics/angles.json' with { type: 'json' };
import pcaGoldens from '../../../fixtures/statistics/pca.json' with { type: 'json' };

function split(values: readonly number[], length: number): Float64Array[] {
  return Array.from({ length: values.length / length }, (_, i) =>
    Float64Array.from(values.slice(i * length, (i + 1) * length)),
  );
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  const largest = Math.max(...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) {
    expect(Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN))).toBeLessThanOrEqual(tolerance * largest);
  }
}

it.each(Object.entries(pcaGoldens))('agrees with scikit-learn’s PCA, signs too: %s', (_, golden) => {
  const result = pca(matrixOf(Float64Array.from(golden.values), golden.columns), golden.count);
  const components = split(golden.components, golden.columns);
  const scores = split(golden.scores, golden.values.length / golden.columns);
  expect(result.components).toHaveLength(golden.count);
  for (const [i, component] of result.components.entries()) {
    expectClose(component, components[i] ?? [], 1e-10);
    expectClose(result.scores[i] ?? [], scores[i] ?? [], 1e-10);
    expect(component[component.map(Math.abs).indexOf(Math.max(...component.map(Math.abs)))]).toBeGreaterThan(0);
  }
  expectClose(result.explainedVariance, golden.variance, 1e-12);
  expectClose(result.explainedVarianceRatio, golden.ratio, 1e-12);
});

it('gives no components beyond the variance there is', () => {
  const line = stackRows([0, 1, 2, 5].map((t) => Float64Array.of(t, 2 * t, 1, -2 * t)));
  const { components, explainedVarianceRatio } = pca(line, 3);
  expect(components).toHaveLength(1);
  expectClose(components[0] ?? [], [1 / 3, 2 / 3, 0, -2 / 3], 1e-12);
  expectClose(explainedVarianceRatio, [1], 1e-12);
  expect(() => pca(stackRows([Float64Array.of(1, 2)]), 1)).toThrow('1 rows without variance');
});

it.each(Object.entries(angleGoldens))('agrees with scipy’s subspace angles: %s', (name, golden) => {
  // scipy takes an angle of 0 beside large ones from its cosine, where 1 − 2⁻⁵³ is already 1.5e-8.
  const tolerance = name === 'one shared' ? 2e-8 : 1e-12;
  const first = split(golden.first, golden.columns);
  const second = split(golden.second, golden.columns);
  const angles = principalAngles(first, second);
  expect(angles).toHaveLength(golden.angles.length);
  for (const [i, angle] of angles.entries()) {
    expect(Math.abs(angle - (golden.angles[i] ?? NaN))).toBeLessThan(tolerance); // those of 1e-7 too
  }
  if (name === 'one shared') expect(angles.at(-1)).toBeLessThan(1e-14);
  expect([...principalAngles(second, first)].map((angle) => angle.toFixed(9))).toEqual(
    [...angles].map((angle) => angle.toFixed(9)),
  );
});

it('counts dependent directions once, and refuses none', () => {
  const x = Float64Array.of(1, 0, 0);
  const y = Float64Array.of(0, 2, 0);
  expect([...principalAngles([x, x.map((v) => -3 * v)], [y])]).toEqual([Math.PI / 2]);
  expect(() => principalAngles([], [y])).toThrow('no directions');
  expect(() => principalAngles([new Float64Array(3)], [y])).toThrow('span nothing');
  expect(() => principalAngles([x], [Float64Array.of(1, 2)])).toThrow('3 and 2 dimensions');
});

it('measures a class around its centroid', () => {
  const rows = matrixOf(Float32Array.of(1, 2, 5, 2, 3, 2, 3, 6), 2);
  const spread = spreadAround(rows, Float64Array.of(3, 3)); // distances √5, √5, 1, 3
  expect(spread.variance).toBe(5);
  expect(spread.variancePerDimension).toBe(2.5);
  expect(spread.meanDistance).toBeCloseTo((2 * Math.sqrt(5) + 4) / 4, 15);
  expect(spread.centroidNorm).toBeCloseTo(Math.sqrt(18), 15);
  expect(drift(Float64Array.of(3, 3), Float64Array.of(0, 7))).toBe(5);
  expect(() => spreadAround(rows, Float64Array.of(1))).toThrow('1 dimensions for rows of 2');
});

it('puts the safe centroid at the origin of harm scores and deviations', () => {
  const rows = matrixOf(Float32Array.of(1, 1, 1, 4, 1, 6, 1, 1, 3), 3);
  const { harmScores, deviations } = harmCoordinates(rows, Float64Array.of(1, 1, 1), Float64Array.of(2, 0, 0));
  expect([...harmScores]).toEqual([0, 3, 0]);
  expect([...deviations]).toEqual([0, 5, 2]);
  const far = matrixOf(Float32Array.of(2 ** 20, 2 ** 20 + 0.125), 2); // ‖a‖² − score² would leave nothing of it
  const near = harmCoordinates(far, new Float64Array(2), Float64Array.of(1, 1));
  expect(near.deviations[0]).toBeCloseTo(0.125 / Math.SQRT2, 9);
});

it('gives a symmetric matrix of cosines, without those of zeros', () => {
  const cosines = cosineMatrix([Float64Array.of(1, 0), Float64Array.of(3, 3), Float64Array.of(0, 0)]);
  const oblique = cosines[0]?.[1] ?? NaN;
  expect(oblique).toBeCloseTo(Math.SQRT1_2, 15);
  expect(cosines).toEqual([
    [1, oblique, NaN],
    [oblique, 1, NaN],
    [NaN, NaN, NaN],
  ]);
});

it('projects many rows as one', () => {
  const rows = matrixOf(
    Float32Array.from({ length: 35 }, (_, i) => Math.sin(i)),
    5,
  ); // seven rows: four and three
  const direction = Float64Array.of(1, -2, 0.5, 3, 0);
  const scores = projections(rows, direction);
  for (const [i, score] of scores.entries()) {
    expect(score).toBeCloseTo(projection(rows.values.subarray(5 * i, 5 * i + 5), direction), 14);
  }
  expect(() => projections(rows, new Float64Array(5))).toThrow('norm 0');
  expect(() => projections(rows, Float64Array.of(1))).toThrow('1 dimensions');
});
