/** The run of a study: asked for, under way here or in another tab, held, stopped, over. */
import { tick } from 'svelte';
import type { StudyClient } from '../../rpc/clients.ts';
import { asLabError, LabError } from '../../core/errors.ts';
import type { ProviderChoice } from '../../engine/device/device-report.ts';
import type { SavedStudy, StudyProgress } from '../../labs/study/study-messages.ts';
import type { StudyPlan } from '../../formats/study/study-plan.ts';
import { IDLE } from '../page/async.ts';
import { keepNote } from './study-downloads.ts';
import { openStudyTabs } from './study-tabs.ts';
import { StudyTurns, type TurnTaker } from './study-turns.ts';
import type { StudyJob, StudySurroundings } from './study-types.ts';

/** Whoever shows what a run comes to. */
export interface RunOwner {
  provider(): ProviderChoice;
  begin(): void;
  /** Puts imported results away. */
  showOwn(): Promise<void>;
  show(kept: SavedStudy): void;
  /** Nothing runs any more. */
  settled(): void;
}

export class StudyRun implements TurnTaker {
  readonly #client: StudyClient;
  readonly #browser: StudySurroundings;
  readonly #owner: RunOwner;
  readonly #turns: StudyTurns;
  #job = $state.raw<StudyJob>(IDLE);
  #silentMs = $state(0);
  #storageNote = $state('');

  constructor(client: StudyClient, browser: StudySurroundings, owner: RunOwner) {
    this.#client = client;
    this.#browser = browser;
    this.#owner = owner;
    this.#turns = new StudyTurns(browser.tabs ?? openStudyTabs(undefined, null), this);
    client.onSilence((ms) => (this.#silentMs = ms));
  }

  get job(): StudyJob {
    return this.#job;
  }
  get storageNote(): string {
    return this.#storageNote;
  }
  readonly isRunning = $derived(this.#job.kind === 'running');
  /** Running, here or in another tab: the plan stays as it is. */
  readonly isBusy = $derived(this.isRunning || this.#job.kind === 'elsewhere');

  /** For how long the study has not answered, in milliseconds, be it its worker or one of that one's. */
  readonly silentMs = $derived(
    Math.max(this.#silentMs, this.#job.kind === 'running' ? (this.#job.progress?.silentMs ?? 0) : 0),
  );

  /** Runs what is missing of the plan, or waits where another tab runs a study. Resolves when that has settled; it never rejects. */
  async run(plan: StudyPlan): Promise<void> {
    if (!this.isRunning) await this.#turns.run(plan);
  }

  /** Runs here what another tab runs; that one waits then. */
  async takeOver(plan: StudyPlan): Promise<void> {
    if (this.#job.kind === 'elsewhere') await this.#turns.takeOver(plan);
  }

  /** Waits no longer for another tab. */
  leave(): void {
    if (this.#job.kind !== 'elsewhere') return;
    this.#turns.leave();
    this.#settle(IDLE);
  }

  dismiss(): void {
    if (!this.isBusy) this.#job = IDLE;
  }

  /** A worker that hangs does not hear of it: `asked` stands until the study says that it is paused. */
  pause(): Promise<void> {
    this.#ask('pause');
    return this.#tell(() => this.#client.pause());
  }

  resume(): Promise<void> {
    return this.#tell(() => this.#client.resume());
  }

  /** Stops; what is measured stays. */
  cancel(): Promise<void> {
    this.#ask('stop');
    return this.#tell(() => this.#client.cancel());
  }

  begin(): void {
    this.#job = { kind: 'running', progress: null, asked: null };
    this.#owner.begin();
  }

  async work(plan: StudyPlan, lost: AbortSignal): Promise<boolean> {
    lost.addEventListener('abort', () => void this.cancel());
    try {
      this.#storageNote = await keepNote(this.#browser);
      await this.#owner.showOwn();
      if (this.#job.kind === 'running' && this.#job.asked === 'stop')
        throw new LabError('interrupted', 'The study was stopped.', 'Run it again.'); // before it began
      const results = await this.#client.run(
        { plan, provider: this.#owner.provider(), access: this.#browser.access() },
        (progress) => {
          this.#hear(progress);
          this.#turns.tell({ kind: 'progress', plan, progress });
        },
        async (soFar) => {
          if (this.isRunning) this.#owner.show({ results: soFar, imported: false, complete: false }); // on a port of its own, it may come after the end
          this.#turns.tell({ kind: 'saved', plan });
          await tick(); // the page cannot follow faster
        },
      );
      this.#owner.show({ results, imported: false, complete: true });
      this.#settle({ kind: 'done' });
      return true;
    } catch (caught) {
      const error = asLabError(caught);
      this.#settle(error.code === 'interrupted' ? { kind: 'stopped' } : { kind: 'failed', error });
      return false;
    }
  }

  elsewhere(progress: StudyProgress | null, isOther: boolean): void {
    this.#job = { kind: 'elsewhere', progress, isOther };
  }

  async reread(): Promise<SavedStudy | null> {
    const kept = await this.#client.ownStudy().catch(() => null);
    if (kept !== null && this.#job.kind === 'elsewhere') this.#owner.show(kept);
    return kept;
  }

  end(kind: 'done' | 'stopped'): void {
    this.#settle({ kind });
  }

  #settle(job: StudyJob): void {
    this.#job = job;
    this.#owner.settled();
  }

  #hear(progress: StudyProgress): void {
    if (this.#job.kind !== 'running') return;
    const asked = this.#job.asked === 'pause' && progress.status === 'paused' ? null : this.#job.asked;
    this.#job = { kind: 'running', progress, asked };
  }

  #ask(asked: 'pause' | 'stop'): void {
    if (this.#job.kind === 'running') this.#job = { ...this.#job, asked };
  }

  async #tell(message: () => Promise<void>): Promise<void> {
    try {
      await message();
    } catch (error) {
      this.#job = { kind: 'failed', error: asLabError(error) };
    }
  }
}
