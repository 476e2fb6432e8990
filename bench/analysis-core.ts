/**
 * Times the study's mathematics in one thread of Node: one checkpoint at 4,096 dimensions, and a ladder at 128.
 * `npx tsx bench/analysis-core.ts`
 */
import { bootstrapInterval, DEFAULT_RESAMPLES, drawResamples } from '../src/core/statistics/bootstrap.ts';
import { classMoments, type ClassMoments } from '../src/core/linalg/covariance.ts';
import { holdRows, rangeOf } from '../src/core/kernels/kernel-rows.ts';
import { KernelHeap } from '../src/core/kernels/kernels.ts';
import { lda } from '../src/core/probes/lda.ts';
import { decisionValues } from '../src/core/probes/linear-probe.ts';
import { fitLogistic } from '../src/core/probes/logistic.ts';
import { columnMeans, matrixOf, projections, rowOf, stackRows, type Matrix } from '../src/core/linalg/matrix.ts';
import { pca } from '../src/core/linalg/pca.ts';
import { drawSwaps, permutationTestOfAurocs } from '../src/core/statistics/permutation.ts';
import { principalAngles } from '../src/core/linalg/principal-angles.ts';
import { createRandom, gaussian } from '../src/core/sampling/random.ts';
import { spreadAround } from '../src/core/probes/class-spread.ts';
import { subtract } from '../src/core/linalg/vectors.ts';
import { median, printTable } from './parts/table.ts';

const random = createRandom(1);
const FACTORS = 64; // shared by the dimensions, with power-law strengths: activations are far from white noise

/** Made-up activations [prompts, dimensions] of two classes that overlap. */
function madeUp(dimensions: number, harmful: number, safe: number): { harmful: Matrix; safe: Matrix; all: Matrix } {
  const factors = Float64Array.from({ length: FACTORS * dimensions }, () => gaussian(random));
  const values = new Float32Array((harmful + safe) * dimensions);
  for (let row = 0; row < harmful + safe; row++) {
    const at = row * dimensions;
    for (let i = 0; i < dimensions; i++) values[at + i] = gaussian(random) / 2 + (i === 7 ? 30 : 0); // one massive dimension
    for (let factor = 0; factor < FACTORS; factor++) {
      const strength = (1.2 * gaussian(random)) / (factor + 1) ** 0.7 + (factor === 3 && row < harmful ? 1 : 0);
      for (let i = 0; i < dimensions; i++) {
        values[at + i] = (values[at + i] as number) + strength * (factors[factor * dimensions + i] as number);
      }
    }
  }
  const border = harmful * dimensions;
  return {
    harmful: matrixOf(values.subarray(0, border), dimensions),
    safe: matrixOf(values.subarray(border), dimensions),
    all: matrixOf(values, dimensions),
  };
}

/** Median milliseconds of processor time; the first of several runs is a warm-up. */
function measured(repeats: number, work: () => unknown): string {
  if (repeats > 1) work();
  const times = Array.from({ length: repeats }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return median(times).toFixed(median(times) < 10 ? 2 : 0);
}

function bench(dimensions: number, harmful: number, safe: number, repeats: number): string[] {
  const rows = madeUp(dimensions, harmful, safe);
  const labels = new Uint8Array(harmful + safe).fill(1, 0, harmful);
  const direction = subtract(columnMeans(rows.harmful), columnMeans(rows.safe));
  const scores = { harmful: projections(rows.harmful, direction), safe: projections(rows.safe, direction) };
  const resamples = drawResamples(harmful, safe, DEFAULT_RESAMPLES, createRandom(2));
  const swaps = drawSwaps(harmful + safe, 1000, createRandom(3));
  const held = holdRows(new KernelHeap(), rows.all);
  const classes = [rangeOf(held, 0, harmful), rangeOf(held, harmful, safe)] as const;
  const momentsOf = (): [ClassMoments, ClassMoments] => [classMoments(classes[0]), classMoments(classes[1])];
  const [ofHarmful, ofSafe] = momentsOf();
  const probe = lda(ofHarmful, ofSafe);
  const other = { harmful: decisionValues(probe, rows.harmful), safe: decisionValues(probe, rows.safe) };
  return [
    measured(repeats, () => projections(rows.all, direction)),
    measured(5, () => drawResamples(harmful, safe, DEFAULT_RESAMPLES, createRandom(2))),
    measured(21, () => bootstrapInterval(scores.harmful, scores.safe, resamples)),
    measured(5, () => permutationTestOfAurocs(scores, other, swaps)),
    measured(repeats, () => spreadAround(rows.safe, Float64Array.from(rowOf(rows.safe, 0)))),
    measured(repeats, momentsOf),
    measured(repeats, () => lda(ofHarmful, ofSafe)),
    measured(repeats, () => fitLogistic(classes, labels, { tolerance: 3e-6, moments: [ofHarmful, ofSafe] })),
    measured(repeats, () => fitLogistic(held, labels)),
  ];
}

const shapes = [
  [4096, 1000, 1000, 1],
  [128, 1650, 1650, 5],
  [128, 235, 1650, 5],
  [128, 600, 600, 5],
] as const;
const columns = shapes.map(([dimensions, harmful, safe, repeats]) => bench(dimensions, harmful, safe, repeats));
const steps = [
  'projection on a direction',
  `drawing ${DEFAULT_RESAMPLES} resamples, once for each prompt set`,
  `AUROC with its interval from ${DEFAULT_RESAMPLES} resamples`,
  'permutation test of two AUROCs, 1000 permutations',
  'spread of a class',
  'mean, covariance and Ledoit–Wolf shrinkage of both classes',
  'linear discriminant from these',
  'logistic regression, gradient ≤ 3e-6, from these too (as a study fits it)',
  'logistic regression, gradient ≤ 1e-6 (the default here)',
];
printTable(
  'Milliseconds of processor time, median; one thread',
  ['step', ...shapes.map(([dimensions, harmful, safe]) => `${dimensions} dimensions, ${harmful} + ${safe} prompts`)],
  steps.map((step, i) => [step, ...columns.map((column) => column[i] ?? '')]),
);

const centroids = (count: number, dimensions: number): Float64Array[] =>
  Array.from({ length: count }, () => Float64Array.from({ length: dimensions }, () => gaussian(random)));
const overTime = [128, 4096].map((dimensions) => stackRows(centroids(39 * 9, dimensions)));
const subspaces = [128, 4096].map((dimensions) => [centroids(7, dimensions), centroids(7, dimensions)] as const);
printTable(
  'Geometry of a ladder: milliseconds of processor time, median',
  ['step', '128 dimensions', '4096 dimensions'],
  [
    ['3 principal components of 351 centroids', ...overTime.map((rows) => measured(3, () => pca(rows, 3)))],
    [
      'principal angles between two subspaces of 7 directions',
      ...subspaces.map(([first, second]) => measured(5, () => principalAngles(first, second))),
    ],
  ],
);
