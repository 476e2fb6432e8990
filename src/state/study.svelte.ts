import { tick } from 'svelte';
import { asLabError, LabError } from '../core/errors.ts';
import type { StudyClient } from '../bridge/study-client.ts';
import type {
  KeptStudy,
  ProbeDetail,
  StudyOutline,
  StudyPlan,
  StudyProgress,
  StudyResults,
} from '../../workers/study-api.ts';
import type { ProviderChoice } from '../../workers/api.ts';
import { IDLE, ready, STARTING, valueOf, type Async } from './async.ts';
import { isSamePlan } from './plan-edit.ts';
import type { Behind, DetailTarget, StudyJob, StudySurroundings } from './study-types.ts';

export type { Behind, DetailTarget, StudyJob, StudySurroundings } from './study-types.ts';
export type { KeptStudy, ProbeDetail, StudyOutline, StudyPlan, StudyProgress, StudyResults };

/** The study of this browser: its plan, what it is doing, and the results that the pages show. */
export class Study {
  readonly #client: StudyClient;
  readonly #browser: StudySurroundings;
  #shown = $state.raw<Async<KeptStudy | null>>(IDLE);
  #plan = $state.raw<StudyPlan | null>(null);
  #builtIn = $state.raw<StudyPlan | null>(null);
  #outline = $state.raw<Async<StudyOutline>>(IDLE);
  #job = $state.raw<StudyJob>(IDLE);
  #behind = $state.raw<Behind | null>(null);
  #fileError = $state.raw<LabError | null>(null);
  #editing = $state(false);
  #looked = $state<string | null>(null);
  #storageNote = $state('');
  #provider = $state<ProviderChoice | null>(null); // null: what Steer runs on
  #outlines = 0; // stamp of the newest; answers to older ones are dropped
  #details = 0;

  constructor(client: StudyClient, browser: StudySurroundings) {
    this.#client = client;
    this.#browser = browser;
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
    return this.#outline;
  }
  get job(): StudyJob {
    return this.#job;
  }
  get behind(): Behind | null {
    return this.#behind;
  }
  /** Why a file could not be read or made. */
  get fileError(): LabError | null {
    return this.#fileError;
  }
  /** Whether the plan's form is open. */
  get editing(): boolean {
    return this.#editing;
  }
  /** Key of the prompt set that the form was opened for. */
  get looked(): string | null {
    return this.#looked;
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
  get #stopping(): boolean {
    return this.#job.kind === 'running' && this.#job.stopping;
  }

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

  /** Opens the plan's form, at a prompt set where one is named. */
  editPlan(looked: string | null = null): void {
    this.#editing = true;
    this.#looked = looked;
  }

  closePlan(): void {
    this.#editing = false;
    this.#looked = null;
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
    const plan = this.#plan;
    if (plan === null) return;
    const stamp = ++this.#outlines;
    this.#outline = STARTING;
    try {
      const outline = await this.#client.outline(plan);
      if (stamp === this.#outlines) this.#outline = ready(outline);
    } catch (error) {
      if (stamp === this.#outlines) this.#outline = { kind: 'failed', error: asLabError(error) };
    }
  }

  /** Runs what is missing of the plan. Resolves when that has settled; it never rejects. */
  async run(): Promise<void> {
    const plan = this.#plan;
    if (plan === null || this.running) return;
    this.#job = { kind: 'running', progress: null, stopping: false };
    this.#behind = null;
    try {
      await this.#askToKeep();
      if (this.imported) this.#shown = ready(await this.#client.forgetImported());
      if (this.#stopping) throw new LabError('interrupted', 'The study was stopped.', 'Run it again.'); // before it began
      const results = await this.#client.run(
        { plan, provider: this.provider, access: this.#browser.access() },
        (progress) => {
          if (this.#job.kind === 'running') this.#job = { ...this.#job, progress };
        },
        async (soFar) => {
          if (this.running) this.#show(soFar, false); // on a port of its own, it may come after the end
          await tick(); // the page cannot follow faster
        },
      );
      this.#show(results, true);
      this.#job = { kind: 'done' };
    } catch (caught) {
      const error = asLabError(caught);
      this.#job = error.code === 'interrupted' ? { kind: 'stopped' } : { kind: 'failed', error };
    }
    void this.lookAhead();
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

  /** Asks what lies behind an AUROC; an answer that is no longer the latest is dropped. */
  async look(target: DetailTarget): Promise<void> {
    const plan = this.results?.plan;
    if (plan === undefined) return;
    const stamp = ++this.#details;
    this.#behind = { target, answer: this.imported ? { kind: 'elsewhere' } : STARTING };
    if (this.imported) return;
    const settle = (answer: Async<ProbeDetail>): void => {
      if (stamp === this.#details) this.#behind = { target, answer };
    };
    try {
      settle(ready(await this.#client.detail({ plan, ...target })));
    } catch (error) {
      settle({ kind: 'failed', error: asLabError(error) });
    }
  }

  closeDetail(): void {
    this.#details++;
    this.#behind = null;
  }

  /** Shows results that were made elsewhere; what was shown before stays where they cannot be read. */
  importFile(file: File): Promise<void> {
    return this.#withFile(async () => this.#take(await this.#client.importResults(file)));
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
      const { results } = this;
      if (results === null) return;
      this.#hand(await this.#client.exportResults(results), 'results.json', 'application/json');
    });
  }

  exportDirections(): Promise<void> {
    return this.#withFile(async () => {
      const plan = this.results?.plan;
      if (plan === undefined) return;
      this.#hand(await this.#client.exportDirections(plan), 'directions.safetensors', 'application/octet-stream');
    });
  }

  #take(kept: KeptStudy | null): void {
    this.closeDetail();
    this.#shown = ready(kept);
    if (kept !== null && !kept.imported) this.#plan = kept.results.plan;
    else this.#plan ??= this.#builtIn;
    void this.lookAhead();
  }

  #show(results: StudyResults, complete: boolean): void {
    this.#shown = ready({ results, imported: false, complete });
  }

  async #askToKeep(): Promise<void> {
    const agreed = await this.#browser.persist().catch(() => false);
    this.#storageNote = agreed
      ? ''
      : 'The browser may clear what is stored when space runs out; it did not agree to keep it.';
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

  #hand(bytes: Uint8Array, name: string, type: string): void {
    this.#browser.download(new File([bytes as Uint8Array<ArrayBuffer>], `harmscope-${name}`, { type }));
  }
}
