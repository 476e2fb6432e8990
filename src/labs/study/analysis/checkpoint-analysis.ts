/** Analyses one checkpoint from its stored activations. */
import { LabError } from '../../../core/errors.ts';
import { HeldClasses } from '../../../core/kernels/kernel-classes.ts';
import { sharedHeap, type KernelHeap } from '../../../core/kernels/kernels.ts';
import { GENERAL, NEGATIVE, type CheckpointResult } from '../../../formats/study/study-results.ts';
import type { KeyValueStore } from '../../steer/direction-cache.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import { classGeometry, directionGeometry } from './class-geometry.ts';
import { controlRows } from './controls.ts';
import { numericalError, Pieces } from './pieces.ts';
import { probeRows } from './probes.ts';
import { readStacked, stacked, type StackedRows } from './study-rows.ts';
import { readSweep, sweepRows, type StoredSweep } from './sweep.ts';
import { comparedRows, type ComparedRows } from './transfer.ts';
import { withTraining, type TrainingClasses } from './training-classes.ts';

/** A checkpoint's directions and centroids, for comparison with others. */
export interface CheckpointVectors {
  readonly point: number;
  readonly commit: string;
  readonly directions: readonly (Float64Array | null)[]; // by name, [hidden]; null: length 0
  readonly centroids: ReadonlyMap<string, Float64Array>; // by class, including `negative`
}

/** What is needed of each checkpoint to compare them. */
export interface ComparedCheckpoint {
  readonly vectors: CheckpointVectors;
  readonly rows: ComparedRows;
}

export interface AnalysedCheckpoint extends ComparedCheckpoint {
  readonly result: CheckpointResult;
}

/** Activations by test. */
export type TestRows = ReadonlyMap<string, StackedRows>;

/** Activations by test in the kernels' memory, for the tests that have both classes. */
export type HeldTests = ReadonlyMap<string, HeldClasses>;

/** Copies tests into the kernels' memory. Tests whose activations are not finite are left out and recorded in `pieces`. */
export function holdTests(
  kernels: KernelHeap,
  index: readonly TestIndex[],
  tests: TestRows,
  pieces = new Pieces(),
): HeldTests {
  return new Map(
    index.flatMap(({ name, rows }): [string, HeldClasses][] => {
      const stack = tests.get(name);
      if (stack === undefined || !rows.has(GENERAL)) return [];
      const piece = { what: 'everything', direction: null, test: name };
      const held = pieces.try(piece, null, () => new HeldClasses(kernels, stack, rows.classes));
      return held === null ? [] : [[name, held]];
    }),
  );
}

/**
 * The centroids and directions of the training prompts.
 * @throws LabError `storage`, when a unit is missing
 */
export async function readVectors(
  context: AnalysisContext,
  store: KeyValueStore,
  point: number,
  commit: string,
): Promise<CheckpointVectors> {
  const rows = await readTraining(context, store, commit);
  return withTraining(rows, context.train, (training) => vectorsOf(context, training, point, commit));
}

/** @throws LabError `storage`, when a unit is missing */
export async function readTests(
  { study, layer }: AnalysisContext,
  store: KeyValueStore,
  commit: string,
  tests: readonly TestIndex[],
): Promise<TestRows> {
  const read = tests.map(
    async ({ name, rows }) => [name, await readStacked(store, study, commit, layer, rows)] as const,
  );
  return new Map(await Promise.all(read));
}

/** Everything that a checkpoint is analysed from. */
export interface ReadCheckpoint {
  readonly point: number;
  readonly commit: string;
  readonly training: StackedRows;
  readonly tests: TestRows;
  readonly truth: StackedRows | null;
  readonly sweep: StoredSweep;
  readonly known: CheckpointResult | null; // if known, only what is compared was read
}

/**
 * Reads a checkpoint from the store.
 * @param known as for `Analyst.analyse`
 * @throws LabError `storage`, when a unit is missing
 */
export async function readCheckpoint(
  context: AnalysisContext,
  store: KeyValueStore,
  point: number,
  commit: string,
  known: CheckpointResult | null,
): Promise<ReadCheckpoint> {
  const { study, layer, truth } = context;
  const isNew = known === null;
  const [training, tests, statements, sweep] = await Promise.all([
    readTraining(context, store, commit),
    readTests(context, store, commit, isNew ? context.tests : context.comparedTests),
    isNew && truth !== null ? readStacked(store, study, commit, layer, truth.rows) : null,
    isNew ? readSweep(context, store, commit) : new Map<string, []>(),
  ]);
  return { point, commit, training, tests, truth: statements, sweep, known };
}

/** @throws LabError `bad-request`, when nothing can be measured: the checkpoint is then left out */
export function analysed(context: AnalysisContext, read: ReadCheckpoint): AnalysedCheckpoint {
  const { point, commit, tests, known } = read;
  try {
    return withTraining(read.training, context.train, (training) => {
      checkGeneral(training);
      return {
        result: known ?? resultOf(context, read, training),
        vectors: vectorsOf(context, training, point, commit),
        rows: comparedRows(context, tests),
      };
    });
  } catch (error) {
    const { message, nextStep } = numericalError(error);
    const isSentence = message.endsWith('.');
    const problem = isSentence ? message : `Its activations of the training prompts cannot be analysed: ${message}.`;
    throw new LabError('bad-request', problem, isSentence ? nextStep : DAMAGED, { cause: error });
  }
}

const DAMAGED = 'A weight may be damaged: fetch the checkpoint again, or remove it from the plan.';

function checkGeneral(training: TrainingClasses): void {
  if (training.usableDirection(GENERAL) !== null) return;
  throw new LabError(
    'bad-request',
    'The training prompts of both classes have the same mean activation, so there is no direction between them.',
    'Check its weights, or remove it from the plan.',
  );
}

function resultOf(context: AnalysisContext, read: ReadCheckpoint, training: TrainingClasses): CheckpointResult {
  const { point, commit, tests, truth, sweep } = read;
  const { names } = context.study;
  const pieces = new Pieces();
  for (const direction of names) pieces.try({ what: 'everything', direction, test: null }, null, () => checkDirection(training, direction)); // prettier-ignore
  const geometry = { classes: classGeometry(training, names), ...directionGeometry(training, names) };
  const kernels = sharedHeap();
  return kernels.scoped(() => {
    const held = holdTests(kernels, context.tests, tests, pieces);
    const probes = probeRows(context, held, training, pieces);
    for (const test of held.values()) test.centre();
    const statements = truth === null ? null : pieces.try({ what: 'the controls on truth', direction: null, test: context.study.plan.truth }, null, () => stacked(truth)); // prettier-ignore
    const controls = controlRows(context, held, training, statements, pieces);
    return { point, commit, probes, controls, sweep: sweepRows(context, sweep), ...geometry, ...pieces.field };
  });
}

function checkDirection(training: TrainingClasses, name: string): void {
  if (training.usableDirection(name) !== null) return;
  const problem = 'its training prompts and those of the other class have the same mean activation';
  throw new LabError('bad-request', problem, 'Use other prompts.');
}

function vectorsOf(
  { study: { names } }: AnalysisContext,
  training: TrainingClasses,
  point: number,
  commit: string,
): CheckpointVectors {
  return {
    point,
    commit,
    directions: names.map((name) => training.usableDirection(name)),
    centroids: new Map([NEGATIVE, ...names].map((name) => [name, training.centroid(name)])),
  };
}

function readTraining(
  { study, layer, train }: AnalysisContext,
  store: KeyValueStore,
  commit: string,
): Promise<StackedRows> {
  return readStacked(store, study, commit, layer, train);
}
