/** Everything that is found out about one checkpoint, from activations at rest. */
import type { ComparedCheckpoint } from './transfer.ts';
import type { CheckpointVectors } from './checkpoint-vectors.ts';
import { holdTests, type TestRows } from './held-tests.ts';
import { LabError } from '../../../core/errors.ts';
import { sharedHeap } from '../../../core/kernels/kernels.ts';
import { GENERAL, NEGATIVE, type CheckpointResult } from '../../../formats/study/study-results.ts';
import type { KeyValueStore } from '../../../core/key-value-store.ts';
import type { AnalysisContext, TestIndex } from './analysis-context.ts';
import { classGeometry, directionGeometry } from './class-geometry.ts';
import { controlRows } from './controls.ts';
import { numericalError, Pieces } from './pieces.ts';
import { probeRows } from './probes.ts';
import { readStacked, stacked, type StackedRows } from './study-rows.ts';
import { readSweep, sweepRows, type StoredSweep } from './sweep.ts';
import { comparedRows } from './transfer.ts';
import { withTraining, type TrainingClasses } from './training-classes.ts';

export interface AnalysedCheckpoint extends ComparedCheckpoint {
  readonly result: CheckpointResult;
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
