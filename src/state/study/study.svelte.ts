import { asLabError, type LabError } from '../../core/errors.ts';
import type { StudyClient } from '../../rpc/clients.ts';
import type { SavedStudy, StudyOutline } from '../../labs/study/study-messages.ts';
import type { StudyResults } from '../../formats/study/study-results.ts';
import type { StudyPlan } from '../../formats/study/study-plan.ts';
import type { ProviderChoice } from '../../engine/device/device-report.ts';
import { IDLE, ready, STARTING, valueOf, type Async } from '../page/async.ts';
import { isSamePlan } from './plan-edit.ts';
import { PlanForm } from './plan-form.svelte.ts';
import { StudyBehind } from './study-detail.svelte.ts';
import { directionsFile, resultsFile } from './study-downloads.ts';
import { StudyOutlook } from './study-estimate.svelte.ts';
import { StudyRun } from './study-run.svelte.ts';
import type { Behind, DetailTarget, StudyJob, StudySurroundings } from './study-types.ts';

export type { Behind, DetailTarget, StudyJob, StudySurroundings };
export type { SavedStudy, StudyOutline, StudyPlan, StudyResults };

/** The study of this browser: its plan, what it is doing, and the results that the pages show. */
export class Study {
  readonly #client: StudyClient;
  readonly #browser: StudySurroundings;
  readonly #behind: StudyBehind;
  readonly #outlook: StudyOutlook;
  readonly #run: StudyRun;
  readonly form = new PlanForm();
  #shown = $state.raw<Async<SavedStudy | null>>(IDLE);
  #plan = $state.raw<StudyPlan | null>(null);
  #builtIn = $state.raw<StudyPlan | null>(null);
  #fileError = $state.raw<LabError | null>(null);
  #provider = $state<ProviderChoice | null>(null); // null: what Steer runs on
  #isDrawable = true; // what is shown, as far as it was tried

  constructor(client: StudyClient, browser: StudySurroundings) {
    this.#client = client;
    this.#browser = browser;
    this.#behind = new StudyBehind(client);
    this.#outlook = new StudyOutlook(client);
    this.#run = new StudyRun(client, browser, {
      provider: () => this.provider,
      begin: () => this.#behind.close(),
      showOwn: async () => {
        if (this.imported) this.#shown = ready(await this.#client.forgetImported());
      },
      show: (kept) => (this.#shown = ready(kept)),
      settled: () => void this.lookAhead(),
    });
  }

  get shown(): Async<SavedStudy | null> {
    return this.#shown;
  }
  /** What the next run does. */
  get plan(): StudyPlan | null {
    return this.#plan;
  }
  get builtIn(): StudyPlan | null {
    return this.#builtIn;
  }
  get outline(): Async<StudyOutline> {
    return this.#outlook.outline;
  }
  get job(): StudyJob {
    return this.#run.job;
  }
  get behind(): Behind | null {
    return this.#behind.shown;
  }
  /** Why a file could not be read or made. */
  get fileError(): LabError | null {
    return this.#fileError;
  }
  /** What the next run computes on: chosen here, else for Steer. */
  get provider(): ProviderChoice {
    return this.#provider ?? this.#browser.provider();
  }
  /** For how long the study has not answered, in milliseconds, be it its worker or one of that one's. */
  get silentMs(): number {
    return this.#run.silentMs;
  }
  /** What the browser said when it was asked to keep everything. */
  get storageNote(): string {
    return this.#run.storageNote;
  }

  readonly results = $derived.by((): StudyResults | null => valueOf(this.#shown)?.results ?? null);
  readonly imported = $derived.by(() => valueOf(this.#shown)?.imported === true);

  get running(): boolean {
    return this.#run.isRunning;
  }
  /** Running, here or in another tab: the plan stays as it is. */
  get isBusy(): boolean {
    return this.#run.isBusy;
  }

  /** Started but not finished: the next run of the same plan resumes. */
  readonly canGoOn = $derived.by(() => {
    const kept = valueOf(this.#shown);
    if (kept === null || kept.imported || kept.complete || this.running) return false;
    return this.#plan !== null && isSamePlan(this.#plan, kept.results.plan);
  });

  /** Reads what is kept, once; a page calls it when it opens. */
  async load(): Promise<void> {
    if (this.#shown.kind === 'loading' || this.#shown.kind === 'ready') return;
    this.#shown = STARTING;
    try {
      this.#builtIn = await this.#client.builtInPlan();
      const kept = await this.#client.kept();
      const own = kept?.imported === true ? await this.#client.ownStudy() : kept;
      this.#plan = own?.results.plan ?? this.#builtIn; // the same as before imported results were shown
      this.#take(kept);
    } catch (error) {
      this.#shown = { kind: 'failed', error: asLabError(error) };
    }
  }

  runOn(provider: ProviderChoice): void {
    this.#provider = provider;
  }

  setPlan(plan: StudyPlan): void {
    if (this.isBusy) return;
    this.#plan = plan;
    if (this.imported && !this.form.isOpen) this.form.open(); // it is seen once the results of the file are put away
    void this.lookAhead();
  }

  /** Takes a plan as somebody wrote it. Rejects with `format`, naming the field. */
  async readPlan(text: string, file: string): Promise<void> {
    this.setPlan(await this.#client.readPlan(text, file));
  }

  /** What the plan comes to. */
  async lookAhead(): Promise<void> {
    if (this.#plan !== null) await this.#outlook.look(this.#plan);
  }

  /** Runs what is missing of the plan, or waits where another tab runs a study. Resolves when that has settled; it never rejects. */
  async run(): Promise<void> {
    if (this.#plan !== null) await this.#run.run(this.#plan);
  }

  /** Runs here what another tab runs; that one waits then. */
  async takeOver(): Promise<void> {
    if (this.#plan !== null) await this.#run.takeOver(this.#plan);
  }

  /** Waits no longer for another tab. */
  leave(): void {
    this.#run.leave();
  }

  pause(): Promise<void> {
    return this.#run.pause();
  }

  resume(): Promise<void> {
    return this.#run.resume();
  }

  /** Stops; what is measured stays. */
  cancel(): Promise<void> {
    return this.#run.cancel();
  }

  dismiss(): void {
    this.#run.dismiss();
    this.#fileError = null;
  }

  async look(target: DetailTarget): Promise<void> {
    const plan = this.results?.plan;
    if (plan !== undefined) await this.#behind.look(plan, target, this.imported);
  }

  closeDetail(): void {
    this.#behind.close();
  }

  /**
   * Shows results that were made elsewhere; what was shown before stays where they cannot be read. They are kept once they were drawn,
   * so that a later visit never begins with what cannot be.
   */
  importFile(file: File): Promise<void> {
    return this.#withFile(async () => {
      const imported = await this.#client.importResults(file);
      this.#isDrawable = true;
      this.leave();
      this.dismiss(); // what became of this browser's own study is not what became of these
      this.form.close();
      this.#take(imported);
      await this.#browser.drawn();
      const couldDraw = this.#isDrawable as boolean; // it may have changed while that was drawn
      if (couldDraw && valueOf(this.#shown) === imported) await this.#client.saveImported();
    });
  }

  /** A part of the page could not be drawn from what is shown. */
  cannotDraw(): void {
    this.#isDrawable = false;
  }

  forgetImported(): Promise<void> {
    return this.#withFile(async () => this.#take(await this.#client.forgetImported()));
  }

  /** Frees the storage that activations take; results stay. */
  clearUnits(): Promise<void> {
    return this.#withFile(async () => {
      await this.#client.clearUnits();
      await this.lookAhead();
    });
  }

  exportResults(): Promise<void> {
    return this.#withFile(async () => {
      if (this.results !== null) this.#browser.download(await resultsFile(this.#client, this.results));
    });
  }

  exportDirections(): Promise<void> {
    return this.#withFile(async () => {
      if (this.results !== null) this.#browser.download(await directionsFile(this.#client, this.results.plan));
    });
  }

  #take(kept: SavedStudy | null): void {
    this.closeDetail();
    this.#shown = ready(kept);
    void this.lookAhead();
  }

  async #withFile(work: () => Promise<void>): Promise<void> {
    this.#fileError = null;
    try {
      await work();
    } catch (error) {
      this.#fileError = asLabError(error);
    }
  }
}
