/** Everything that is found out about one checkpoint, from activations at rest. */
import type { Matrix } from '../../core/matrix.ts';
import { NEGATIVE, type CheckpointResult } from '../../formats/study-results.ts';
import type { KeyValueStore } from '../direction-cache.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import { classGeometry, directionGeometry } from './class-geometry.ts';
import { controlRows } from './controls.ts';
import { probeRows } from './probes.ts';
import { readMatrix } from './study-rows.ts';
import { readSweep, sweepRows, type StoredSweep } from './sweep.ts';
import { comparedRows, type ComparedRows } from './transfer.ts';
import { TrainingClasses } from './training-classes.ts';

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

/** Activations by test, [prompts, hidden] each. */
export type TestRows = ReadonlyMap<string, Matrix>;

/** Centroids and directions alone, of the training prompts. Throws `storage` where a unit is missing. */
export async function readVectors(
  context: AnalysisContext,
  store: KeyValueStore,
  point: number,
  commit: string,
): Promise<CheckpointVectors> {
  return vectorsOf(context, await readTraining(context, store, commit), point, commit);
}

/** Throws `storage` where a unit is missing. */
export async function readTests(
  { study, layer }: AnalysisContext,
  store: KeyValueStore,
  commit: string,
  tests: readonly TestIndex[],
): Promise<TestRows> {
  const read = tests.map(
    async ({ name, rows }) => [name, await readMatrix(store, study, commit, layer, rows)] as const,
  );
  return new Map(await Promise.all(read));
}

/** All that a checkpoint is analysed from. */
export interface ReadCheckpoint {
  readonly point: number;
  readonly commit: string;
  readonly training: TrainingClasses;
  readonly tests: TestRows;
  readonly truth: Matrix | null; // [statements, hidden]
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
    isNew && truth !== null ? readMatrix(store, study, commit, layer, truth.rows) : null,
    isNew ? readSweep(context, store, commit) : new Map<string, []>(),
  ]);
  return { point, commit, training, tests, truth: statements, sweep, known };
}

export function analysed(context: AnalysisContext, read: ReadCheckpoint): AnalysedCheckpoint {
  const { point, commit, training, tests, known } = read;
  return {
    result: known ?? resultOf(context, read),
    vectors: vectorsOf(context, training, point, commit),
    rows: comparedRows(context, tests),
  };
}

function resultOf(context: AnalysisContext, read: ReadCheckpoint): CheckpointResult {
  const { point, commit, training, tests, truth, sweep } = read;
  const { names } = context.study;
  return {
    point,
    commit,
    probes: probeRows(context, tests, training),
    controls: controlRows(context, tests, training, truth),
    sweep: sweepRows(context, sweep),
    classes: classGeometry(training, names),
    ...directionGeometry(training, names),
  };
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

async function readTraining(
  { study, layer, train }: AnalysisContext,
  store: KeyValueStore,
  commit: string,
): Promise<TrainingClasses> {
  return new TrainingClasses(await readMatrix(store, study, commit, layer, train), train);
}
