/**
 * A study's units, worked off by as many extractors as there are: what is stored is skipped, so a restart goes on where the last run
 * ended and loses at most the units under way. A checkpoint whose own files cannot be read is noted and left out.
 */
import { asLabError, LabError } from '../../../core/errors.ts';
import type { StudyProgress } from '../study-messages.ts';
import { leavesOut } from '../checkpoint-faults.ts';
import { bestLayer, choicePurpose, layerAurocs } from './layer-choice.ts';
import { jobFor, studyPurpose, type UnitPurpose } from './missing-units.ts';
import type { ResolvedStudy } from './resolved-study.ts';
import { StudyEta } from './study-eta.ts';
import type { StudyPoint } from './study-points.ts';
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
  readonly #pace: StudyEta;
  readonly #underWay = new Map<UnitExtractor, { point: string; progress: UnitProgress }>();
  readonly #failures = new Map<number, LabError>(); // by point
  #phase: StudyProgress['phase'] = 'extracting';
  #unitsDone = 0;
  #stopped = false;
  #gate: { readonly opens: Promise<void>; readonly open: () => void } | null = null;

  constructor(study: ResolvedStudy, parts: StudyRunParts) {
    this.#study = study;
    this.#parts = parts;
    for (const [point, error] of parts.unlike ?? []) this.#failures.set(point, error);
    this.#pace = new StudyEta(parts.now ?? (() => performance.now()));
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
    this.#phase = 'choosing the layer';
    for (const [point, checkpoint] of [...points.entries()].reverse()) {
      if (this.#failures.has(point)) continue;
      const scores = await this.#unlessLeftOut(point, () => this.#scoresByLayer(checkpoint));
      if (scores === null) continue;
      const layer = bestLayer(scores);
      if (layer !== null) return { layer, scores, point };
      const problem = 'There is no direction between the classes of the training prompts at any layer.';
      this.#failures.set(point, new LabError('bad-request', problem, 'Check its weights, or remove it from the plan.'));
    }
    return null;
  }

  async #scoresByLayer(point: StudyPoint): Promise<readonly number[]> {
    const commit = point.commit ?? (await this.#parts.pin(point));
    const known = await layerAurocs(this.#study, this.#parts.store, commit);
    if (known !== null) return known;
    const [extractor] = this.#parts.extractors;
    const job = await this.#job(point, commit, choicePurpose(this.#study));
    this.#pace.plan(promptsOf(job));
    if (extractor !== undefined) await this.#work(extractor, job);
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
      if (this.#stopped || !leavesOut(error)) throw error;
      this.#failures.set(point, error);
      return null;
    }
  }

  /** Works off what is missing at a layer. Resolves to the checkpoints that were left out; rejects with `interrupted`. */
  async run(layer: number): Promise<readonly StudyFailure[]> {
    const purpose = studyPurpose(this.#study, layer);
    this.#phase = 'extracting';
    const stored = new Set(await this.#parts.store.keys());
    const queue: { index: number; commit: string; job: UnitJob }[] = [];
    let prompts = 0;
    this.#unitsDone = 0;
    for (const [index, point] of this.#study.points.entries()) {
      if (this.#parts.isWanted?.(index) === false || this.#failures.has(index)) continue;
      const commit = await this.#unlessLeftOut(index, async () => point.commit ?? (await this.#parts.pin(point)));
      if (commit === null) continue;
      const job = jobFor(this.#study, point, commit, purpose, stored);
      queue.push({ index, commit, job });
      prompts += promptsOf(job);
      this.#unitsDone += purpose.sets.length - job.units.length;
    }
    this.#pace.plan(prompts);
    this.#report();
    const analyses: Promise<unknown>[] = [];
    await Promise.all(
      this.#parts.extractors.map(async (extractor) => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
          const following = queue[this.#parts.extractors.length - 1]; // the others take those before
          const isDone = await this.#point(extractor, next.index, next.job, following?.job ?? null);
          if (isDone) analyses.push(this.#analyse(next.index, next.commit));
        }
      }),
    ).catch((error: unknown) => {
      this.#stopAll();
      throw error;
    });
    this.#phase = 'analysing';
    this.#report();
    await Promise.all(analyses);
    return this.failures;
  }

  /** Holds the run up once the units under way are stored. */
  pause(): void {
    if (this.#gate !== null) return;
    let open = (): void => undefined;
    const opens = new Promise<void>((resolve) => (open = resolve));
    this.#gate = { opens, open };
    this.#report();
  }

  resume(): void {
    this.#gate?.open();
    this.#gate = null;
    this.#report();
  }

  /** Ends it within one batch of prompts. */
  cancel(): void {
    this.#stopAll();
    this.#gate?.open();
  }

  /** True where the checkpoint's units are all at rest. */
  async #point(extractor: UnitExtractor, index: number, job: UnitJob, next: UnitJob | null): Promise<boolean> {
    if (job.units.length === 0) return true;
    if (next !== null && next.units.length > 0) extractor.prefetch(next.source);
    const isDone = await this.#unlessLeftOut(index, () => this.#work(extractor, job).then(() => true));
    return isDone === true;
  }

  /** Beside the units that follow; its failure is told when all are done. */
  #analyse(index: number, commit: string): Promise<unknown> {
    const analysis = this.#unlessLeftOut(index, () => this.#parts.onPoint?.(index, commit) ?? Promise.resolve());
    analysis.catch(() => undefined);
    return analysis;
  }

  async #job(point: StudyPoint, commit: string, purpose: UnitPurpose): Promise<UnitJob> {
    return jobFor(this.#study, point, commit, purpose, new Set(await this.#parts.store.keys()));
  }

  async #work(extractor: UnitExtractor, job: UnitJob): Promise<void> {
    await this.#untilOpen();
    try {
      await extractor.extract(job, async (progress) => {
        this.#underWay.set(extractor, { point: job.label, progress });
        this.#pace.reach(extractor, progress);
        if (progress.stored) this.#unitsDone++;
        this.#report();
        if (progress.stored) await this.#untilOpen();
      });
    } catch (error) {
      throw this.#stopped ? STOPPED : error; // what STOPPED is after a worker has passed it on is only an Error
    } finally {
      this.#underWay.delete(extractor);
      this.#pace.leave(extractor);
    }
  }

  async #untilOpen(): Promise<void> {
    if (this.#gate !== null) {
      this.#pace.stop();
      await this.#gate.opens;
      this.#pace.start();
    }
    if (this.#stopped) throw STOPPED;
  }

  #stopAll(): void {
    this.#stopped = true;
    for (const extractor of this.#parts.extractors) extractor.stop();
  }

  #report(): void {
    const { points } = this.#study;
    const sets = studyPurpose(this.#study, 0).sets.length;
    const waitingFor = [...this.#underWay.values()].find(({ progress }) => progress.waitingFor !== null)?.progress.waitingFor ?? null; // prettier-ignore
    this.#parts.onProgress?.({
      status: this.#gate !== null ? 'paused' : waitingFor === null ? 'running' : 'waiting',
      phase: this.#phase,
      waitingFor,
      unitsDone: this.#unitsDone,
      units: points.length * sets,
      underWay: [...this.#underWay.values()].map(({ point, progress: { set, done, total } }) => ({
        point,
        set,
        done,
        total,
      })),
      secondsLeft: this.#pace.secondsLeft,
    });
  }
}

const promptsOf = ({ units }: UnitJob): number => units.reduce((sum, { texts }) => sum + texts.length, 0);
