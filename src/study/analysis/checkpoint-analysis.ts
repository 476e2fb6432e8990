/** Everything that is found out about one checkpoint, from activations at rest. */
import type { Matrix } from '../../core/matrix.ts';
import { NEGATIVE, type CheckpointResult } from '../../formats/study-results.ts';
import type { KeyValueStore } from '../direction-cache.ts';
import { JobQueue } from '../job-queue.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import { classGeometry, directionGeometry } from './class-geometry.ts';
import { controlRows } from './controls.ts';
import { probeRows } from './probes.ts';
import { readMatrix } from './study-rows.ts';
import { sweepRows } from './sweep.ts';
import { TrainingClasses } from './training-classes.ts';

/** What the comparison of checkpoints needs of each of them. */
export interface CheckpointVectors {
  readonly point: number;
  readonly directions: readonly Float64Array[]; // by name, [hidden]
  readonly centroids: ReadonlyMap<string, Float64Array>; // by class, `negative` among them
}

/** Activations by test, [prompts, hidden] each. */
export type TestRows = ReadonlyMap<string, Matrix>;

/** Finds out everything about a checkpoint whose units are at rest: here, or in threads of their own. */
export interface CheckpointAnalyst {
  analyse(point: number, commit: string): Promise<CheckpointResult>;
}

/** Analyses in this thread, one checkpoint at a time, so that no more than one lies in memory. */
export function analystHere(context: AnalysisContext, store: KeyValueStore): CheckpointAnalyst {
  const queue = new JobQueue();
  return { analyse: (point, commit) => queue.add(() => analyseCheckpoint(context, store, point, commit)) };
}

/** Centroids and directions alone, of the training prompts. Throws `storage` where a unit is missing. */
export async function readVectors(
  context: AnalysisContext,
  store: KeyValueStore,
  point: number,
  commit: string,
): Promise<CheckpointVectors> {
  const training = await readTraining(context, store, commit);
  const { names } = context.study;
  return {
    point,
    directions: names.map((name) => training.direction(name)),
    centroids: new Map([NEGATIVE, ...names].map((name) => [name, training.centroid(name)])),
  };
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

/** Throws `storage` where a unit is missing. */
export async function analyseCheckpoint(
  context: AnalysisContext,
  store: KeyValueStore,
  point: number,
  commit: string,
): Promise<CheckpointResult> {
  const { study, layer } = context;
  const { names } = study;
  const training = await readTraining(context, store, commit);
  const tests = await readTests(context, store, commit, context.tests);
  const truth = context.truth === null ? null : await readMatrix(store, study, commit, layer, context.truth.rows);
  return {
    point,
    commit,
    probes: probeRows(context, tests, training),
    controls: controlRows(context, tests, training, truth),
    sweep: await sweepRows(context, store, commit),
    classes: classGeometry(training, names),
    ...directionGeometry(training, names),
  };
}

async function readTraining(
  { study, layer, train }: AnalysisContext,
  store: KeyValueStore,
  commit: string,
): Promise<TrainingClasses> {
  return new TrainingClasses(await readMatrix(store, study, commit, layer, train), train);
}
