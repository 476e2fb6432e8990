/**
 * Made-up results of a study of the ladder's shape, the same at every call: plausible curves, no measurement. Some checkpoints are
 * missing, as in a study under way.
 */
import { createRandom, gaussian, type Random } from '../../src/core/sampling/random.ts';
import type { Stage } from '../../src/formats/ladders/ladder.ts';
import type { StudyPlan } from '../../src/formats/study/study-plan.ts';
import type {
  CheckpointResult,
  ClassGeometry,
  ControlRow,
  LadderPoint,
  LadderResult,
  ProbeDetail,
  ProbeKind,
  ProbeRow,
  StudyResults,
} from '../../src/formats/study/study-results.ts';

const NAMES = [
  ...['general', 'discrimination', 'drug_abuse', 'financial_crime', 'hate_speech', 'non_violent'],
  ...['privacy_violation', 'violence'],
] as const;
const TESTS = ['held out', 'rewritten', 'questions', 'behaviours'] as const;
const LAYERS = 8;
const HIDDEN = 16;
const PROBES: readonly ProbeKind[] = ['projection', 'lda', 'logistic'];

const POINTS: readonly (readonly [string, Stage, number, number])[] = [
  ['stage1-step0', 'init', 0, 0],
  ['stage1-step10', 'pretraining', 10, 20_480],
  ['stage1-step20', 'pretraining', 20, 40_960],
  ['stage1-step50', 'pretraining', 50, 102_400],
  ['stage1-step100', 'pretraining', 100, 204_800],
  ['stage1-step150', 'pretraining', 150, 307_200],
  ['stage1-step250', 'pretraining', 250, 512_000],
  ['stage1-step500', 'pretraining', 500, 1_024_000],
  ['stage1-step1100', 'pretraining', 1100, 2_252_800],
  ['stage2-step80', 'mid-training', 80, 2_416_640],
  ['stage2-step160', 'mid-training', 160, 2_580_480],
  ['stage3-step45', 'long-context', 45, 2_666_880],
  ['SFT', 'sft', 1600, 7_326_822],
  ['DPO', 'dpo', 40, 7_375_330],
  ['Instruct', 'instruct', 25, 7_424_339],
];

export const madeUpPlan: StudyPlan = {
  version: 1,
  name: 'Made-up study',
  concept: { positive: 'harmful', negative: 'safe' },
  ladder: { kind: 'built-in', id: 'tiny-olmo3', revisions: POINTS.map(([label]) => label) },
  sets: [
    { name: 'train', source: { kind: 'built-in', file: 'harm-train.jsonl' }, part: null },
    { name: 'test', source: { kind: 'built-in', file: 'harm-test.jsonl' }, part: null },
    { name: 'rewritten', source: { kind: 'built-in', file: 'harm-rewritten.jsonl' }, part: null },
    { name: 'questions', source: { kind: 'built-in', file: 'ood-questions.jsonl' }, part: null },
    { name: 'behaviours', source: { kind: 'built-in', file: 'ood-behaviours.jsonl' }, part: null },
    { name: 'truth', source: { kind: 'built-in', file: 'truth.jsonl' }, part: null },
  ],
  train: ['train'],
  tests: [
    { name: 'held out', role: 'in-distribution', sets: ['test'] },
    { name: 'rewritten', role: 'rewritten', sets: ['rewritten'] },
    { name: 'questions', role: 'out-of-distribution', sets: ['questions'] },
    { name: 'behaviours', role: 'out-of-distribution', sets: ['behaviours'] },
  ],
  truth: 'truth',
  layer: 'auto',
  sweep: true,
  pooling: 'last',
  template: 'chat',
  resamples: 1000,
  controlRepeats: 20,
  seed: 1,
};

const clamp = (value: number): number => Math.min(1, Math.max(0, value));
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

/** From `start` at initialisation to `end`, most of it early. */
function rise(point: number, start: number, end: number, random: Random): number {
  const share = 1 - Math.exp(-point / 3);
  return rounded(clamp(start + (end - start) * share + 0.01 * gaussian(random)));
}

function probeRows(point: number, random: Random): ProbeRow[] {
  const start = { 'held out': 0.9, rewritten: 0.52, questions: 0.6, behaviours: 0.63 };
  const end = { 'held out': 0.998, rewritten: 0.985, questions: 0.96, behaviours: 0.95 };
  return PROBES.flatMap((probe) =>
    NAMES.flatMap((direction) =>
      TESTS.map((test): ProbeRow => {
        const auroc = rise(point, start[test], end[test] - (probe === 'lda' ? 0.01 : 0), random);
        const half = 0.01 + 0.12 * (1 - auroc);
        const interval = { low: rounded(clamp(auroc - half)), high: rounded(clamp(auroc + half)) };
        const tprAt1Fpr = rounded(clamp(2 * auroc - 1.1));
        const counts = { positives: direction === 'general' ? 448 : 64, negatives: 720 };
        return {
          probe,
          direction,
          test,
          auroc,
          interval,
          tprAt1Fpr,
          accuracy: rounded(clamp(auroc - 0.05)),
          ...counts,
        };
      }),
    ),
  );
}

function controlRows(random: Random): ControlRow[] {
  const row = (
    control: ControlRow['control'],
    test: string,
    auroc: number,
    half: number,
    repeats: number,
  ): ControlRow => ({
    ...{ control, test, auroc: rounded(auroc), repeats },
    spread: { low: rounded(auroc - half), high: rounded(auroc + half) },
  });
  return [
    ...TESTS.map((test) => row('random-labels', test, 0.505 + 0.01 * gaussian(random), 0.06, 20)),
    ...TESTS.map((test) => row('random-direction', test, 0.51 + 0.02 * gaussian(random), 0.2, 20)),
    row('truth', 'truth', 0.8 + 0.02 * gaussian(random), 0.05, 1),
    row('concept-on-truth', 'truth', 0.53 + 0.02 * gaussian(random), 0.05, 1),
  ];
}

function classRows(point: number, random: Random): ClassGeometry[] {
  return ['negative', ...NAMES].map((name, index): ClassGeometry => {
    const growth = 1 + point / 4;
    return {
      name,
      count: name === 'negative' ? 1200 : name === 'general' ? 2128 : 304,
      centroidNorm: rounded(growth * (3 + 0.1 * index + 0.05 * gaussian(random))),
      variance: rounded(Math.exp(0.35 * point) * (0.5 + 0.04 * index)),
      meanDistance: rounded(growth * (0.8 + 0.03 * index)),
      score: name === 'negative' ? 0 : rounded(growth * (0.6 + 0.05 * index + 0.03 * gaussian(random))),
      deviation: name === 'negative' ? 0 : name === 'general' ? 0 : rounded(growth * (0.2 + 0.06 * index)),
    };
  });
}

function checkpoint(point: number, random: Random): CheckpointResult {
  const cosines = NAMES.map((row, i) =>
    NAMES.map((column, j) => {
      if (i === j) return 1;
      const outlier = [row, column].includes('privacy_violation') ? -0.25 : 0;
      return rounded(0.55 + 0.3 * Math.cos(i * j) * 0.5 + outlier + (i === 0 || j === 0 ? 0.15 : 0));
    }),
  );
  return {
    point,
    commit: `made-up-${point}`,
    probes: probeRows(point, random),
    controls: controlRows(random),
    sweep: NAMES.flatMap((direction) =>
      TESTS.map((test) => ({
        direction,
        test,
        auroc: Array.from({ length: LAYERS }, (_, layer) =>
          rise(point, 0.5 + 0.04 * layer, 0.99 - 0.02 * Math.abs(layer - 4), random),
        ),
      })),
    ),
    classes: classRows(point, random),
    directions: NAMES.map((name, index) => ({ name, norm: rounded((1 + point / 3) * (0.9 + 0.05 * index)) })),
    cosines,
  };
}

/** Cosine of a direction at two checkpoints; it turns early in training, and once more at SFT. */
function turned(points: readonly number[], i: number, j: number): number {
  const angle = (point: number): number => 0.9 * (1 - Math.exp(-point / 2)) + (point >= 12 ? 0.8 : 0);
  return rounded(Math.cos(angle(points[i] as number) - angle(points[j] as number)));
}

function ladderOf(checkpoints: readonly CheckpointResult[], random: Random): LadderResult {
  const points = checkpoints.map(({ point }) => point);
  const square = (cell: (i: number, j: number) => number): number[][] =>
    points.map((_, i) => points.map((__, j) => cell(i, j)));
  const stageEnds = [0, 8, 10, 11, 12, 13, 14].flatMap((point) => {
    const at = points.indexOf(point);
    return at < 0 ? [] : [at];
  });
  return {
    directions: NAMES.map((name) => ({
      name,
      cosines: square((i, j) => turned(points, i, j)),
      transfer: TESTS.map((test) => ({
        test,
        auroc: square((i, j) => rounded(clamp(0.5 + 0.48 * turned(points, i, j) * (j > 2 ? 1 : 0.6)))),
      })),
    })),
    drift: ['negative', ...NAMES].map((name, index) => ({
      name,
      distances: points.slice(1).map((point) => rounded(4 / (1 + point) + 0.1 * index + (point === 12 ? 3 : 0))),
    })),
    pca: {
      explained: [0.61, 0.17, 0.08],
      tracks: ['negative', ...NAMES].map((name, index) => ({
        name,
        coordinates: points.map((point) => [
          rounded(point * 0.8 - 5 + 0.1 * gaussian(random)),
          rounded(Math.sin(point / 3) * 2 + 0.4 * index),
          rounded(0.1 * index),
        ]),
      })),
    },
    angles: points.slice(1).map((_, index) => ({
      from: index,
      to: index + 1,
      degrees: Array.from({ length: 7 }, (__, k) => rounded((k + 1) * (points[index + 1] === 12 ? 9 : 4))),
    })),
    jumps: stageEnds.slice(1).flatMap((to, index) => {
      const from = stageEnds[index] as number;
      return NAMES.flatMap((direction) =>
        TESTS.map((test) => ({
          ...{ from, to, direction, test, cosine: turned(points, from, to) },
          difference: rounded(0.08 * gaussian(random)),
          p: rounded(Math.max(0.001, random())),
        })),
      );
    }),
  };
}

/** `missing`: indices into the points that were not measured. */
export function madeUpResults(missing: readonly number[] = []): StudyResults {
  const random = createRandom(7);
  const all = POINTS.map((_, point) => checkpoint(point, random));
  const checkpoints = all.filter(({ point }) => !missing.includes(point));
  return {
    format: 'harmscope-study',
    version: 1,
    plan: madeUpPlan,
    points: POINTS.map(([label, stage, step, tokens]): LadderPoint => ({ label, stage, step, tokens })),
    sets: madeUpPlan.sets.map(({ name }) => ({
      name,
      digest: 'made-up',
      counts: [
        { label: 'safe', category: 'safe', prompts: 720 },
        ...NAMES.slice(1).map((category) => ({ label: 'harmful', category, prompts: 64 })),
      ],
      tooLong: 0,
    })),
    names: NAMES,
    layer: { layer: 4, layers: LAYERS, hidden: HIDDEN, scores: [0.9, 0.93, 0.96, 0.98, 0.99, 0.98, 0.97, 0.95] },
    surface: (['words', 'shape'] as const).flatMap((surface) =>
      NAMES.flatMap((direction) =>
        TESTS.map((test) => {
          const auroc = surface === 'shape' ? 0.55 : test === 'held out' ? 0.97 : 0.58;
          return { surface, direction, test, auroc, interval: { low: auroc - 0.02, high: auroc + 0.02 } };
        }),
      ),
    ),
    checkpoints,
    ladder: checkpoints.length < 2 ? null : ladderOf(checkpoints, random),
    failures: missing.length === 0 ? [] : [{ point: missing[0] as number, message: 'The weights of this checkpoint could not be read.', nextStep: 'Run the study again.' }], // prettier-ignore
  };
}

/** The details of one made-up AUROC. One prompt holds markup and a formula, as an imported set may. */
export function madeUpDetail(point: number, probe: ProbeKind, direction: string, test: string): ProbeDetail {
  return {
    ...{ point, probe, direction, test, threshold: 0.4 },
    roc: { fpr: [0, 0, 0.1, 0.4, 1], tpr: [0, 0.6, 0.9, 1, 1] },
    histogram: { edges: [-1, -0.5, 0, 0.5, 1, 1.5], positive: [0, 2, 10, 30, 22], negative: [20, 45, 30, 5, 0] },
    highest: [
      { text: '<img src=x onerror=alert(1)> how to pick a lock', label: 'harmful', category: 'violence', score: 1.4 },
      { text: '=1+1', label: 'harmful', category: 'hate_speech', score: 1.2 },
    ],
    lowest: [{ text: 'How do I bake bread?', label: 'safe', category: 'safe', score: -0.9 }],
  };
}
