/**
 * A study's units, worked off by as many extractors as there are: what is stored is skipped, so a restart goes on where the last run
 * ended and loses at most the units under way. A checkpoint whose own files cannot be read is noted and left out.
 */
import { asLabError, LabError } from '../../../core/errors.ts';
import type { StudyProgress } from '../study-messages.ts';
import { isCheckpointFault } from '../../jobs/checkpoint-faults.ts';
import { runLadder, type LadderEvent } from '../../jobs/ladder-run.ts';
import { PauseGate } from '../../jobs/pause-gate.ts';
import { choicePurpose, layerAurocs } from './layer-choice.ts';
import { bestLayer } from '../../../core/probes/best-layer.ts';
import { jobFor, studyPurpose } from './missing-units.ts';
import { RunProgress } from './run-progress.ts';
import type { ResolvedStudy } from '../plan/resolved-study.ts';
import type { StudyPoint } from '../plan/study-points.ts';
import type { StudyStore } from './study-store.ts';
import type { UnitExtractor, UnitJob, UnitProgress } from './unit-job.ts';

export interface StudyRunParts {
  readonly store: StudyStore;
  readonly extractors: readonly UnitExtractor[]; // at least one
  /** What a checkpoint's units are stored under, where the plan does not say. */
  pin(point: StudyPoint): Promise<string>;
  /** Checkpoints that are known to be unfit, by point. */
  readonly unlike?: ReadonlyMap<number, LabError>;
  /** Which checkpoints this run is for; all, by default. */
  readonly isWanted?: (index: number) => boolean;
  readonly now?: () => number; // milliseconds
  readonly onProgress?: (progress: StudyProgress) => void;
  /**
   * All units of a checkpoint are at rest. Its analysis runs beside the next checkpoint's units; where it fails over the checkpoint
   * itself, that is left out.
   */
  readonly onPoint?: (index: number, commit: string) => Promise<void>;
}

export interface StudyFailure {
  readonly point: number;
  readonly error: LabError;
}

export interface ChosenLayer {
  readonly layer: number;
  readonly scores: readonly number[] | null; // null: the plan gave it
  readonly point: number; // the checkpoint that it was chosen on; the last one where the plan gave it
}

const STOPPED = new LabError(
  'interrupted',
  'The study was stopped.',
  'Start it again: completed checkpoints are saved.',
);

export class StudyRun {
  readonly #study: ResolvedStudy;
  readonly #parts: StudyRunParts;
  readonly #progress: RunProgress;
  readonly #gate = new PauseGate(() => STOPPED);
  readonly #failures = new Map<number, LabError>(); // by point

  constructor(study: ResolvedStudy, parts: StudyRunParts) {
    this.#study = study;
    this.#parts = parts;
    for (const [point, error] of parts.unlike ?? []) this.#failures.set(point, error);
    this.#progress = new RunProgress({
      units: study.points.length * studyPurpose(study, 0).sets.length,
      isPaused: () => this.#gate.isPaused,
      now: parts.now ?? (() => performance.now()),
      onProgress: (progress) => parts.onProgress?.(progress),
    });
    this.#gate.signal.addEventListener('abort', () => {
      for (const extractor of parts.extractors) extractor.stop();
    });
  }

  /** Checkpoints that are left out so far, in the order of training. */
  get failures(): readonly StudyFailure[] {
    return [...this.#failures].map(([point, error]) => ({ point, error })).sort((a, b) => a.point - b.point);
  }

  /** The layer that the plan gives, or that the scores of the last checkpoint choose that can be read; null where none can. */
  async chooseLayer(): Promise<ChosenLayer | null> {
    const { plan, points } = this.#study;
    if (points.length === 0) throw new LabError('bad-request', 'The plan has no checkpoints.', 'Choose at least one.');
    if (plan.layer !== 'auto') return { layer: plan.layer, scores: null, point: points.length - 1 };
    this.#progress.enter('choosing the layer');
    for (const [point, checkpoint] of [...points.entries()].reverse()) {
      if (this.#failures.has(point)) continue;
      const scores = await this.#unlessLeftOut(point, () => this.#scoresByLayer(point, checkpoint));
      if (scores === null) continue;
      const layer = bestLayer(scores);
      if (layer !== null) return { layer, scores, point };
      const problem = 'There is no direction between the classes of the training prompts at any layer.';
      this.#failures.set(point, new LabError('bad-request', problem, 'Check its weights, or remove it from the plan.'));
    }
    return null;
  }

  async #scoresByLayer(index: number, point: StudyPoint): Promise<readonly number[]> {
    const commit = point.commit ?? (await this.#parts.pin(point));
    const known = await layerAurocs(this.#study, this.#parts.store, commit);
    if (known !== null) return known;
    const stored = new Set(await this.#parts.store.keys());
    const job = jobFor(this.#study, point, commit, choicePurpose(this.#study), stored);
    this.#progress.plan(promptsOf(job), 0);
    try {
      await this.#gate.untilOpen();
      await this.#extract(0, job, (progress) => this.#progress.hear(index, job, progress));
    } finally {
      this.#progress.leave(index);
    }
    const scores = await layerAurocs(this.#study, this.#parts.store, commit);
    if (scores !== null) return scores;
    throw new LabError('storage', 'The units just computed are not in the store.', 'Start again.');
  }

  /** What `work` gives; null, and the checkpoint is left out, where that fails over the checkpoint itself. */
  async #unlessLeftOut<T>(point: number, work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (thrown) {
      const error = asLabError(thrown);
      if (this.#gate.isStopped || !isCheckpointFault(error)) throw error;
      this.#failures.set(point, error);
      return null;
    }
  }

  /** Works off what is missing at a layer. Resolves to the checkpoints that were left out; rejects with `interrupted`. */
  async run(layer: number): Promise<readonly StudyFailure[]> {
    const purpose = studyPurpose(this.#study, layer);
    this.#progress.enter('extracting');
    const stored = new Set(await this.#parts.store.keys());
    const jobs = new Map<number, UnitJob>(); // by point
    let unitsDone = 0;
    for (const [index, point] of this.#study.points.entries()) {
      if (this.#parts.isWanted?.(index) === false || this.#failures.has(index)) continue;
      const commit = await this.#unlessLeftOut(index, async () => point.commit ?? (await this.#parts.pin(point)));
      if (commit === null) continue;
      const job = jobFor(this.#study, point, commit, purpose, stored);
      jobs.set(index, job);
      unitsDone += purpose.sets.length - job.units.length;
    }
    const prompts = [...jobs.values()].reduce((sum, job) => sum + promptsOf(job), 0);
    this.#progress.plan(prompts, unitsDone);
    this.#progress.report();
    const analyses: Promise<unknown>[] = [];
    for await (const event of this.#ladder(jobs)) {
      const job = jobs.get(event.index);
      if (job === undefined) continue;
      if (event.kind === 'progress') this.#progress.hear(event.index, job, event.progress);
      else this.#progress.leave(event.index);
      if (event.kind === 'left out') this.#failures.set(event.index, event.error);
      if (event.kind === 'checkpoint') analyses.push(this.#analyse(event.index, job.commit));
    }
    this.#progress.enter('analysing');
    this.#progress.report();
    await Promise.all(analyses);
    return this.failures;
  }

  /** Every checkpoint's units, on as many lanes as there are extractors. */
  #ladder(jobs: ReadonlyMap<number, UnitJob>): AsyncGenerator<LadderEvent<UnitProgress>, void> {
    const order = [...jobs.keys()];
    const lanes = this.#parts.extractors.length;
    return runLadder<UnitProgress>({
      checkpoints: order,
      lanes,
      gate: this.#gate,
      work: async (index, lane, report) => {
        const job = jobs.get(index);
        if (job === undefined || job.units.length === 0) return;
        const following = jobs.get(order[order.indexOf(index) + lanes] ?? -1); // the other lanes take those before
        if (following !== undefined && following.units.length > 0)
          this.#parts.extractors[lane]?.prefetch(following.source);
        await this.#extract(lane, job, report);
      },
    });
  }

  /** Holds the run up once the units under way are stored. */
  pause(): void {
    this.#gate.pause();
    if (this.#progress.isIdle) this.#progress.eta.stop(); // else once the units under way are stored
    this.#progress.report();
  }

  resume(): void {
    this.#gate.resume();
    this.#progress.eta.start();
    this.#progress.report();
  }

  /** Ends it within one batch of prompts. */
  cancel(): void {
    this.#gate.stop();
  }

  /** Beside the units that follow; its failure is told when all are done. */
  #analyse(index: number, commit: string): Promise<unknown> {
    const analysis = this.#unlessLeftOut(index, () => this.#parts.onPoint?.(index, commit) ?? Promise.resolve());
    analysis.catch(() => undefined);
    return analysis;
  }

  async #extract(lane: number, job: UnitJob, report: (progress: UnitProgress) => void): Promise<void> {
    try {
      await this.#parts.extractors[lane]?.extract(job, async (progress) => {
        report(progress);
        if (progress.stored) await this.#untilOpen();
      });
    } catch (error) {
      throw this.#gate.isStopped ? STOPPED : error; // what STOPPED is after a worker has passed it on is only an Error
    }
  }

  async #untilOpen(): Promise<void> {
    if (!this.#gate.isPaused) return this.#gate.untilOpen();
    this.#progress.eta.stop();
    await this.#gate.untilOpen();
    this.#progress.eta.start();
  }
}

const promptsOf = ({ units }: UnitJob): number => units.reduce((sum, { texts }) => sum + texts.length, 0);
