import { tick } from 'svelte';
import { asLabError, LabError } from '../core/errors.ts';
import type { StudyClient } from '../rpc/clients.ts';
import type { KeptStudy, StudyOutline, StudyProgress } from '../study/study-messages.ts';
import type { ProbeDetail, StudyResults } from '../formats/study-results.ts';
import type { StudyPlan } from '../formats/study-plan.ts';
import type { ProviderChoice } from '../engine/device-report.ts';
import { IDLE, ready, STARTING, valueOf, type Async } from './async.ts';
import { isSamePlan } from './plan-edit.ts';
import { PlanForm } from './plan-form.svelte.ts';
import { StudyBehind } from './study-behind.svelte.ts';
import { directionsFile, keepNote, resultsFile } from './study-downloads.ts';
import { StudyOutlook } from './study-outlook.svelte.ts';
import { openStudyTabs, watchOtherTab, type StudyTabs } from './study-tabs.ts';
import type { Behind, DetailTarget, StudyJob, StudySurroundings } from './study-types.ts';

export type { Behind, DetailTarget, StudyJob, StudySurroundings };
export type { KeptStudy, ProbeDetail, StudyOutline, StudyPlan, StudyProgress, StudyResults };

/** The study of this browser: its plan, what it is doing, and the results that the pages show. */
export class Study {
  readonly #client: StudyClient;
  readonly #browser: StudySurroundings;
  readonly #tabs: StudyTabs;
  readonly #behind: StudyBehind;
  readonly #outlook: StudyOutlook;
  readonly form = new PlanForm();
  #shown = $state.raw<Async<KeptStudy | null>>(IDLE);
  #plan = $state.raw<StudyPlan | null>(null);
  #builtIn = $state.raw<StudyPlan | null>(null);
  #job = $state.raw<StudyJob>(IDLE);
  #fileError = $state.raw<LabError | null>(null);
  #storageNote = $state('');
  #provider = $state<ProviderChoice | null>(null); // null: what Steer runs on
  #isDrawable = true; // what is shown, as far as it was tried
  #watching: AbortController | null = null; // while another tab runs the study

  constructor(client: StudyClient, browser: StudySurroundings) {
    this.#client = client;
    this.#browser = browser;
    this.#tabs = browser.tabs ?? openStudyTabs(undefined, null);
    this.#behind = new StudyBehind(client);
    this.#outlook = new StudyOutlook(client);
  }

  get shown(): Async<KeptStudy | null> {
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
    return this.#job;
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
  /** What the browser said when it was asked to keep everything. */
  get storageNote(): string {
    return this.#storageNote;
  }

  readonly results = $derived.by((): StudyResults | null => valueOf(this.#shown)?.results ?? null);
  readonly imported = $derived.by(() => valueOf(this.#shown)?.imported === true);
  readonly running = $derived.by(() => this.#job.kind === 'running');

  /** Begun and not finished: the next run of the same plan goes on. */
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
      this.#take(await this.#client.kept());
    } catch (error) {
      this.#shown = { kind: 'failed', error: asLabError(error) };
    }
  }

  runOn(provider: ProviderChoice): void {
    this.#provider = provider;
  }

  setPlan(plan: StudyPlan): void {
    if (this.running) return;
    this.#plan = plan;
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

  /** Runs what is missing of the plan, or watches where another tab runs a study. Resolves when that has settled; it never rejects. */
  async run(): Promise<void> {
    const plan = this.#plan;
    if (plan === null || this.running) return;
    this.#begin();
    if (!(await this.#tabs.tryRun((lost) => this.#work(plan, lost)))) this.#watch(plan);
  }

  /** Runs here what another tab runs; that one watches then. */
  async takeOver(): Promise<void> {
    const plan = this.#plan;
    if (plan === null || this.#job.kind !== 'elsewhere') return;
    this.#begin();
    await this.#tabs.takeOver((lost) => this.#work(plan, lost));
  }

  #begin(): void {
    this.#watching?.abort();
    this.#job = { kind: 'running', progress: null, stopping: false };
    this.#behind.close();
  }

  async #work(plan: StudyPlan, lost: AbortSignal): Promise<void> {
    lost.addEventListener('abort', () => void this.cancel());
    try {
      this.#storageNote = await keepNote(this.#browser);
      if (this.imported) this.#shown = ready(await this.#client.forgetImported());
      if (this.#job.kind === 'running' && this.#job.stopping)
        throw new LabError('interrupted', 'The study was stopped.', 'Run it again.'); // before it began
      const results = await this.#client.run(
        { plan, provider: this.provider, access: this.#browser.access() },
        (progress) => {
          if (this.#job.kind === 'running') this.#job = { ...this.#job, progress };
          this.#tabs.tell({ kind: 'progress', progress });
        },
        async (soFar) => {
          if (this.running) this.#shown = ready({ results: soFar, imported: false, complete: false }); // on a port of its own, it may come after the end
          this.#tabs.tell({ kind: 'saved' });
          await tick(); // the page cannot follow faster
        },
      );
      this.#shown = ready({ results, imported: false, complete: true });
      this.#job = { kind: 'done' };
    } catch (caught) {
      const error = asLabError(caught);
      this.#job = error.code === 'interrupted' ? { kind: 'stopped' } : { kind: 'failed', error };
      if (lost.aborted) this.#watch(plan);
      else this.#tabs.tell({ kind: 'stopped' });
    }
    void this.lookAhead();
  }

  /** Shows what another tab saves. Once that tab is gone, this one goes on, unless its visitor stopped it or there is nothing left. */
  #watch(plan: StudyPlan): void {
    this.#job = { kind: 'elsewhere', progress: null };
    this.#watching = watchOtherTab(this.#tabs, {
      progress: (progress) => (this.#job = { kind: 'elsewhere', progress }),
      saved: () => void this.#reread(),
      turn: async (lost, isStopped) => {
        await this.#reread();
        const kept = valueOf(this.#shown);
        const isDone = kept?.complete === true && isSamePlan(plan, kept.results.plan);
        if (isDone || isStopped) this.#job = { kind: isDone ? 'done' : 'stopped' };
        else {
          this.#begin();
          await this.#work(plan, lost);
        }
      },
    });
    void this.#reread();
  }

  async #reread(): Promise<void> {
    const value = await this.#client.kept().catch(() => null);
    if (value !== null && this.#job.kind === 'elsewhere') this.#shown = ready(value);
  }

  pause(): Promise<void> {
    return this.#tell(() => this.#client.pause());
  }

  resume(): Promise<void> {
    return this.#tell(() => this.#client.resume());
  }

  /** Stops; what is measured stays. */
  cancel(): Promise<void> {
    if (this.#job.kind === 'running') this.#job = { ...this.#job, stopping: true };
    return this.#tell(() => this.#client.cancel());
  }

  dismiss(): void {
    if (!this.running) this.#job = IDLE;
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
      this.#take(imported);
      await this.#browser.drawn();
      const couldDraw = this.#isDrawable as boolean; // it may have changed while that was drawn
      if (couldDraw && valueOf(this.#shown) === imported) await this.#client.keepImported();
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

  #take(kept: KeptStudy | null): void {
    this.closeDetail();
    this.#shown = ready(kept);
    if (kept !== null && !kept.imported) this.#plan = kept.results.plan;
    else this.#plan ??= this.#builtIn;
    void this.lookAhead();
  }

  async #tell(message: () => Promise<void>): Promise<void> {
    try {
      await message();
    } catch (error) {
      this.#job = { kind: 'failed', error: asLabError(error) };
    }
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
