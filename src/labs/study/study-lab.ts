/**
 * The study behind the Probe, Geometry and Report pages and `lab study`: a plan's units are worked off, each checkpoint is analysed as
 * its units are done, and the results so far are kept, so that a tab that was closed goes on where it was.
 */
import { LabError } from '../../core/errors.ts';
import { shownNames } from '../../core/text/quote.ts';
import { writeSafetensors } from '../../formats/bytes/safetensors.ts';
import { parseStudyPlan, type StudyPlan } from '../../formats/study/study-plan.ts';
import { writeStudyResults } from '../../formats/study/study-results-file.ts';
import type { ProbeDetail, StudyResults } from '../../formats/study/study-results.ts';
import type { HubAccess } from '../models/models-messages.ts';
import { AnalysisContext } from './analysis/analysis-context.ts';
import type { AnalystThreads } from './analysis/analyst.ts';
import { probeDetail } from './analysis/probe-detail.ts';
import { emptyResults, StudyAnalysis } from './analysis/study-analysis.ts';
import { attempt } from '../jobs/attempt.ts';
import { builtInPlan } from './plan/built-in-plan.ts';
import { JobQueue } from '../jobs/job-queue.ts';
import { SavedResults } from './saved-results.ts';
import { Throttle } from '../jobs/throttle.ts';
import { WatchedProgress, type OnSilence } from './run/watched-progress.ts';
import { outlineOf } from './plan/study-outline.ts';
import type { ResolvedStudy } from './plan/resolved-study.ts';
import { resolveStudy, type StudySources } from './plan/resolve-study.ts';
import type { StudyPoint } from './plan/study-points.ts';
import { checkPlanLayer, sharedShape, type SharedShape } from './plan/shared-shape.ts';
import { StudyRun, type StudyFailure } from './run/study-run.ts';
import type { StudyStore } from './run/study-store.ts';
import type { UnitExtractor } from './run/unit-job.ts';
import type {
  DetailRequest,
  SavedStudy,
  ShowResults,
  StudyOutline,
  StudyProgress,
  StudyRequest,
} from './study-messages.ts';

export interface StudyLabParts extends StudySources {
  readonly store: StudyStore;
  /** What works units off, for a plan's kind of ladder. */
  extractors(request: StudyRequest, onSilence: OnSilence): Promise<readonly UnitExtractor[]>;
  /** What analyses beside this thread, for one run; by default this thread does. */
  analysts?(onSilence: OnSilence): AnalystThreads | null; // null: this thread does it
  /** The commit of a checkpoint of the Hub. */
  pin(point: StudyPoint): Promise<string>;
  /** Which Hub is asked from now on, and as whom: a study that runs asks it, one that is only looked at asks nobody. */
  useHub?(access: HubAccess): void;
  /** What this browser stores and may store; null where that is not told. */
  storage(): Promise<StudyOutline['storage']>;
}

/** What a run works with beside this thread. */
interface Workers {
  readonly extractors: readonly UnitExtractor[];
  readonly analysts: AnalystThreads | null;
}

export class StudyLab {
  readonly #parts: StudyLabParts;
  readonly #kept: SavedResults;
  readonly #jobs = new JobQueue();
  #run: StudyRun | null = null;

  constructor(parts: StudyLabParts) {
    this.#parts = parts;
    this.#kept = new SavedResults(parts.store);
  }

  async builtInPlan(): Promise<StudyPlan> {
    return builtInPlan(await this.#parts.fetchLadder('tiny-olmo3'));
  }

  readPlan(text: string, file: string): StudyPlan {
    return parseStudyPlan(text, file);
  }

  async outline(plan: StudyPlan): Promise<StudyOutline> {
    const study = await resolveStudy(plan, this.#parts);
    const { store } = this.#parts;
    const stored = new Set(await store.keys());
    const layer = plan.layer === 'auto' ? ((await this.#kept.of(plan))?.layer?.layer ?? null) : plan.layer;
    const { value: shared } = await attempt(() => this.#shared(study)); // a ladder of the Hub is asked once it runs
    return outlineOf(study, { layer, stored, shape: shared?.shape ?? null, storage: await this.#parts.storage() });
  }

  /** Imported results, else this browser's own. */
  kept(): Promise<SavedStudy | null> {
    return this.#kept.latest();
  }

  /** This browser's own study, whatever was imported. */
  ownStudy(): Promise<SavedStudy | null> {
    return this.#kept.own();
  }

  run(
    request: StudyRequest,
    onProgress: (progress: StudyProgress) => void,
    onResults: ShowResults,
  ): Promise<StudyResults> {
    return this.#jobs.add(async (signal) => {
      if (request.access !== undefined) this.#parts.useHub?.(request.access);
      const heard = new WatchedProgress(onProgress);
      const analysts = this.#parts.analysts?.(heard.onSilence) ?? null; // they start while the plan is looked up
      signal.addEventListener('abort', () => analysts?.close());
      let extractors: readonly UnitExtractor[] = [];
      try {
        const study = await resolveStudy(request.plan, this.#parts);
        if ((await this.#kept.of(study.plan)) === null) await this.#kept.keep(emptyResults(study)); // a tab closed early finds its plan again
        extractors = await this.#parts.extractors(request, heard.onSilence);
        return await this.#work(study, { extractors, analysts }, signal, heard.onProgress, onResults);
      } finally {
        this.#run = null;
        analysts?.close();
        await Promise.all(extractors.map((extractor) => extractor.dispose()));
      }
    });
  }

  pause(): void {
    this.#run?.pause();
  }

  resume(): void {
    this.#run?.resume();
  }

  cancel(): void {
    this.#jobs.interrupt();
    this.#run?.cancel();
  }

  /** Fits the probe again from what is stored. */
  async detail(request: DetailRequest): Promise<ProbeDetail> {
    const context = await this.#context(request.plan);
    const point = context.study.points[request.point];
    if (point === undefined)
      throw new LabError('bad-request', `There is no checkpoint ${request.point}.`, 'Reload the page.');
    return probeDetail(context, this.#parts.store, point.commit ?? (await this.#parts.pin(point)), request);
  }

  /** Tensors `<checkpoint>.<name>` [hidden] of every direction that is there. */
  async exportDirections(plan: StudyPlan): Promise<Uint8Array> {
    const context = await this.#context(plan);
    const kept = await this.#kept.of(plan);
    const analysis = new StudyAnalysis(context, this.#parts.store, kept);
    const { tensors, absent } = await analysis.directions(kept?.checkpoints ?? []);
    if (tensors.size === 0) throw new LabError('bad-request', 'There are no directions yet.', 'Run the study first.');
    const { pooling, template } = plan;
    const metadata = {
      ...{ plan: plan.name, layer: String(context.layer), pooling, template },
      ...(absent.length > 0 && { leftOut: shownNames(absent, 20) }),
    };
    return writeSafetensors(Object.fromEntries(tensors), metadata);
  }

  /** Deletes the units of every plan. Results stay; what lies behind them is gone until the study runs again. */
  clearUnits(): Promise<void> {
    return this.#jobs.add(() => this.#kept.clearUnits());
  }

  exportResults(results: StudyResults): Uint8Array {
    return new TextEncoder().encode(writeStudyResults(results));
  }

  importResults(file: File): Promise<SavedStudy> {
    return this.#kept.import(file);
  }

  saveImported(): Promise<void> {
    return this.#kept.saveImported();
  }

  forgetImported(): Promise<SavedStudy | null> {
    return this.#kept.forgetImported();
  }

  async #work(
    study: ResolvedStudy,
    { extractors, analysts }: Workers,
    signal: AbortSignal,
    onProgress: (progress: StudyProgress) => void,
    onResults: ShowResults,
  ): Promise<StudyResults> {
    let analysis: StudyAnalysis | null = null;
    const before = await this.#kept.of(study.plan);
    const known = before?.checkpoints.length ?? 0;
    const pace = new Throttle();
    const show = (soFar: StudyAnalysis): Promise<void> =>
      pace.run(async () => {
        const results = soFar.results(this.#run?.failures);
        await this.#kept.keep(results);
        await onResults(results);
      }, soFar.size <= 1); // the first checkpoint is what a page waits for
    const { shape, unlike } = await this.#shared(study);
    checkPlanLayer(study.plan.layer, shape);
    const run = new StudyRun(study, {
      store: this.#parts.store,
      extractors,
      pin: (point) => this.#parts.pin(point),
      unlike,
      onProgress,
      onPoint: async (index, commit) => {
        if (signal.aborted || analysis === null) return;
        await analysis.add(index, commit);
        const isLast = analysis.size + run.failures.length === study.points.length; // the end is shown anyway
        if (analysis.size >= known && !isLast) await show(analysis); // what was there before stays until as much is there again
      },
    });
    this.#run = run;
    if (signal.aborted) run.cancel();
    const chosen = await run.chooseLayer();
    if (chosen === null || shape === null) {
      const failures = chosen === null ? run.failures : await run.run(chosen.layer);
      return this.#nothing(study, failures);
    }
    const { layer, scores, point } = chosen;
    const context = new AnalysisContext(study, layer);
    analysts?.open(study, layer);
    analysis = new StudyAnalysis(context, this.#parts.store, before, { shape, scores, point }, analysts ?? undefined);
    const [failures] = await Promise.all([run.run(layer), this.#begin(analysis, known === 0 ? show : null)]);
    const results = await analysis.finish(failures);
    await this.#kept.keep(results);
    return results;
  }

  /** No checkpoint can be measured. */
  async #nothing(study: ResolvedStudy, failures: readonly StudyFailure[]): Promise<StudyResults> {
    const results = { ...emptyResults(study), failures: failures.map(({ point, error: { message, nextStep } }) => ({ point, message, nextStep })) }; // prettier-ignore
    await this.#kept.keep(results);
    return results;
  }

  async #begin(analysis: StudyAnalysis, show: ((analysis: StudyAnalysis) => Promise<void>) | null): Promise<void> {
    await analysis.begin();
    await show?.(analysis);
  }

  async #context(plan: StudyPlan): Promise<AnalysisContext> {
    const study = await resolveStudy(plan, this.#parts);
    const layer = (await this.#kept.of(plan))?.layer?.layer ?? (plan.layer === 'auto' ? null : plan.layer);
    if (layer !== null) return new AnalysisContext(study, layer);
    throw new LabError('bad-request', 'This study was not run in this browser.', 'Run it to compute its details here.');
  }

  #shared({ points }: ResolvedStudy): Promise<SharedShape> {
    return sharedShape(points, (point) => this.#parts.shape(point));
  }
}
