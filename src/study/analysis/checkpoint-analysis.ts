/** Everything that is found out about one checkpoint, from activations at rest. */
import type { Matrix } from '../../core/matrix.ts';
import { NEGATIVE, type CheckpointResult } from '../../formats/study-results.ts';
import type { KeyValueStore } from '../direction-cache.ts';
import type { AnalysisContext } from './analysis-context.ts';
import { classGeometry, directionGeometry } from './class-geometry.ts';
import { controlRows } from './controls.ts';
import { probeRows, TrainingClasses } from './probes.ts';
import { readMatrix } from './study-rows.ts';
import { sweepRows } from './sweep.ts';

/** What the comparison of checkpoints needs of each of them. */
export interface CheckpointVectors {
  readonly point: number;
  readonly directions: readonly Float64Array[]; // by name, [hidden]
  readonly centroids: ReadonlyMap<string, Float64Array>; // by class, `negative` among them
  readonly tests: ReadonlyMap<string, Matrix>; // activations by test
}

export interface CheckpointAnalysis {
  readonly result: CheckpointResult;
  readonly vectors: CheckpointVectors;
}

/** Reads a checkpoint's activations and centroids alone: what a result that is already there was made of. */
export async function readVectors(
  context: AnalysisContext,
  store: KeyValueStore,
  point: number,
  commit: string,
): Promise<CheckpointVectors> {
  const { tests, training } = await readPoint(context, store, commit);
  return vectorsOf(context, point, training, tests);
}

/** Throws `storage` where a unit is missing. */
export async function analyseCheckpoint(
  context: AnalysisContext,
  store: KeyValueStore,
  point: number,
  commit: string,
): Promise<CheckpointAnalysis> {
  const { study, layer } = context;
  const { names } = study;
  const { tests, training } = await readPoint(context, store, commit);
  const truth = context.truth === null ? null : await readMatrix(store, study, commit, layer, context.truth.rows);
  const result: CheckpointResult = {
    point,
    commit,
    probes: probeRows(context, tests, training),
    controls: controlRows(context, tests, training, truth),
    sweep: await sweepRows(context, store, commit),
    classes: classGeometry(training, names),
    ...directionGeometry(training, names),
  };
  return { result, vectors: vectorsOf(context, point, training, tests) };
}

interface PointRows {
  readonly tests: ReadonlyMap<string, Matrix>;
  readonly training: TrainingClasses;
}

async function readPoint(context: AnalysisContext, store: KeyValueStore, commit: string): Promise<PointRows> {
  const { study, layer, train } = context;
  const training = new TrainingClasses(await readMatrix(store, study, commit, layer, train), train);
  const tests = await Promise.all(
    context.tests.map(async ({ name, rows }) => [name, await readMatrix(store, study, commit, layer, rows)] as const),
  );
  return { training, tests: new Map(tests) };
}

function vectorsOf(
  { study: { names } }: AnalysisContext,
  point: number,
  training: TrainingClasses,
  tests: ReadonlyMap<string, Matrix>,
): CheckpointVectors {
  return {
    point,
    directions: names.map((name) => training.direction(name)),
    centroids: new Map([NEGATIVE, ...names].map((name) => [name, training.centroid(name)])),
    tests,
  };
}
