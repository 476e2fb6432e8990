/** Everything that is found out about one checkpoint, from activations at rest. */
import { HeldClasses } from '../../core/held-classes.ts';
import { sharedHeap, type KernelHeap } from '../../core/kernels.ts';
import { GENERAL, NEGATIVE, type CheckpointResult } from '../../formats/study-results.ts';
import type { KeyValueStore } from '../direction-cache.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import { classGeometry, directionGeometry } from './class-geometry.ts';
import { controlRows } from './controls.ts';
import { probeRows } from './probes.ts';
import { readStacked, stacked, type StackedRows } from './study-rows.ts';
import { readSweep, sweepRows, type StoredSweep } from './sweep.ts';
import { comparedRows, type ComparedRows } from './transfer.ts';
import { withTraining, type TrainingClasses } from './training-classes.ts';

/** A checkpoint's place among the others. */
export interface CheckpointVectors {
  readonly point: number;
  readonly commit: string;
  readonly directions: readonly Float64Array[]; // by name, [hidden]
  readonly centroids: ReadonlyMap<string, Float64Array>; // by class, `negative` among them
}

/** What comparing checkpoints takes of each of them. */
export interface ComparedCheckpoint {
  readonly vectors: CheckpointVectors;
  readonly rows: ComparedRows;
}

export interface AnalysedCheckpoint extends ComparedCheckpoint {
  readonly result: CheckpointResult;
}

/** Activations by test. */
export type TestRows = ReadonlyMap<string, StackedRows>;

/** The same in the kernels' memory, of the tests that have both classes. */
export type HeldTests = ReadonlyMap<string, HeldClasses>;

/** Holds tests until what was allocated is taken back. */
export function holdTests(kernels: KernelHeap, index: readonly TestIndex[], tests: TestRows): HeldTests {
  return new Map(
    index.flatMap(({ name, rows }): [string, HeldClasses][] => {
      const stack = tests.get(name);
      if (stack === undefined || !rows.has(GENERAL)) return [];
      return [[name, new HeldClasses(kernels, stack, rows.classes)]];
    }),
  );
}

/** Centroids and directions alone, of the training prompts. Throws `storage` where a unit is missing. */
export async function readVectors(
  context: AnalysisContext,
  store: KeyValueStore,
  point: number,
  commit: string,
): Promise<CheckpointVectors> {
  const rows = await readTraining(context, store, commit);
  return withTraining(rows, context.train, (training) => vectorsOf(context, training, point, commit));
}

/** Throws `storage` where a unit is missing. */
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

/** All that a checkpoint is analysed from. */
export interface ReadCheckpoint {
  readonly point: number;
  readonly commit: string;
  readonly training: StackedRows;
  readonly tests: TestRows;
  readonly truth: StackedRows | null;
  readonly sweep: StoredSweep;
  readonly known: CheckpointResult | null; // then of the rest only what is compared
}

/** Throws `storage` where a unit is missing. `known`: as for the `Analyst`. */
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

export function analysed(context: AnalysisContext, read: ReadCheckpoint): AnalysedCheckpoint {
  const { point, commit, tests, known } = read;
  return withTraining(read.training, context.train, (training) => ({
    result: known ?? resultOf(context, read, training),
    vectors: vectorsOf(context, training, point, commit),
    rows: comparedRows(context, tests),
  }));
}

function resultOf(context: AnalysisContext, read: ReadCheckpoint, training: TrainingClasses): CheckpointResult {
  const { point, commit, tests, truth, sweep } = read;
  const { names } = context.study;
  const geometry = { classes: classGeometry(training, names), ...directionGeometry(training, names) };
  const kernels = sharedHeap();
  return kernels.scoped(() => {
    const held = holdTests(kernels, context.tests, tests);
    const probes = probeRows(context, held, training);
    for (const test of held.values()) test.centre();
    const controls = controlRows(context, held, training, truth === null ? null : stacked(truth));
    return { point, commit, probes, controls, sweep: sweepRows(context, sweep), ...geometry };
  });
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
    directions: names.map((name) => training.direction(name)),
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
