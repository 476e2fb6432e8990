import { asLabError, type LabError } from '../../core/errors.ts';
import type { ExtractionClient } from '../../rpc/clients.ts';
import type {
  ExtractionJob,
  ExtractionPlan,
  ExtractionProgress,
  ResumeWith,
  NeededLocal,
} from '../../labs/extraction/extraction-messages.ts';
import type { HubAccess } from '../../labs/models/models-messages.ts';
import type { LocalRef } from '../../labs/models/checkpoint-ref.ts';
import { IDLE } from '../page/async.ts';

export type { ExtractionJob, ExtractionPlan, ExtractionProgress };

/** The one extraction that there is. */
export type ExtractionView =
  | { readonly kind: 'idle' }
  | { readonly kind: 'held'; readonly job: ExtractionJob; readonly error: LabError | null } // it goes on when it is asked to
  | {
      readonly kind: 'running';
      readonly title: string;
      readonly progress: ExtractionProgress | null;
      readonly stopping: boolean;
    }
  | { readonly kind: 'done'; readonly job: ExtractionJob }
  | { readonly kind: 'failed'; readonly error: LabError }; // before it began

type LocalHandle = NonNullable<NeededLocal['handle']>;

/** What the browser itself is asked for, handed in. */
export interface ExtractionBrowser {
  /** Asks that nothing kept is ever evicted. */
  persist(): Promise<boolean>;
  /** Whether a folder or a file of an earlier visit may be read without asking anybody. */
  mayRead(handle: LocalHandle): Promise<boolean>;
  /** Opens it, once the visitor has agreed again. Throws where they do not, or it is gone. */
  reopen(handle: LocalHandle): Promise<LocalRef>;
  /** Keeps the screen, and with it the machine, from falling asleep; the result ends that. Null where it cannot be had. */
  keepAwake(): Promise<(() => void) | null>;
}

/** Runs an extraction, goes on with the one of an earlier visit by itself, and tells how far it is. */
export class Extraction {
  readonly #client: ExtractionClient;
  readonly #browser: ExtractionBrowser;
  readonly #onStored: () => void;
  #view = $state.raw<ExtractionView>(IDLE);
  #unitsDone = 0; // that `onStored` has heard of

  /** `onStored` hears that there are more activations than before. */
  constructor(client: ExtractionClient, browser: ExtractionBrowser, onStored: () => void) {
    this.#client = client;
    this.#browser = browser;
    this.#onStored = onStored;
  }

  get view(): ExtractionView {
    return this.#view;
  }

  /** Whether there is a job that is not over, so that no other can begin. */
  readonly busy = $derived(this.#view.kind === 'running' || this.#view.kind === 'held');

  /** Looks for the job of an earlier visit and goes on with it, where it lacks nothing that only a person can give. */
  async load(): Promise<void> {
    try {
      const job = await this.#client.current();
      if (job === null) {
        this.#end(IDLE);
        return;
      }
      if (job.state !== 'running') {
        this.#end(viewOf(job));
        return;
      }
      if (job.needsToken || !(await this.#mayRead(job.needsLocal))) this.#view = { kind: 'held', job, error: null };
      else await this.#reopenAndGoOn(job, null);
    } catch (error) {
      this.#view = { kind: 'failed', error: asLabError(error) };
    }
  }

  async start(plan: ExtractionPlan, access: HubAccess): Promise<void> {
    if (this.busy) return;
    await this.#browser.persist().catch(() => false); // without it all works, until the disk fills up
    await this.#run(plan.request.title, (onProgress) => this.#client.start(plan, access, onProgress));
  }

  /** Goes on with a job that is held. `local`: chosen again, where the browser cannot open it by itself. */
  async goOn(accessToken: string | null, local: LocalRef | null = null): Promise<void> {
    if (this.#view.kind !== 'held') return;
    const { job } = this.#view;
    if (local !== null) await this.#goOn(job.title, { accessToken, local });
    else await this.#reopenAndGoOn(job, accessToken);
  }

  pause(): Promise<void> {
    return this.#client.pause();
  }

  resume(): Promise<void> {
    return this.#client.resume();
  }

  /** Ends the job for good, or forgets one that does not run; what is stored of it stays. */
  async cancel(): Promise<void> {
    if (this.#view.kind === 'running') this.#view = { ...this.#view, stopping: true };
    const wasRunning = this.#view.kind === 'running';
    try {
      await this.#client.cancel();
      if (!wasRunning) this.#end(IDLE);
    } catch (error) {
      this.#view = { kind: 'failed', error: asLabError(error) };
    }
  }

  /** Puts away what a job that is over left to read. */
  async dismiss(): Promise<void> {
    if (this.#view.kind === 'done') await this.cancel();
    else if (this.#view.kind === 'failed') this.#view = IDLE;
  }

  get #stopping(): boolean {
    return this.#view.kind === 'running' && this.#view.stopping;
  }

  async #mayRead(needed: NeededLocal | null): Promise<boolean> {
    if (needed === null) return true;
    return needed.handle !== undefined && this.#browser.mayRead(needed.handle);
  }

  /** A place that cannot be opened leaves the job held, with the reason. */
  async #reopenAndGoOn(job: ExtractionJob, accessToken: string | null): Promise<void> {
    let local: LocalRef | null = null;
    try {
      if (job.needsLocal?.handle !== undefined) local = await this.#browser.reopen(job.needsLocal.handle);
    } catch (error) {
      this.#view = { kind: 'held', job, error: asLabError(error) };
      return;
    }
    await this.#goOn(job.title, { accessToken, local });
  }

  #goOn(title: string, how: ResumeWith): Promise<void> {
    return this.#run(title, (onProgress) => this.#client.resumeJob(how, onProgress));
  }

  async #run(
    title: string,
    job: (onProgress: (progress: ExtractionProgress) => void) => Promise<ExtractionJob | null>,
  ): Promise<void> {
    this.#view = { kind: 'running', title, progress: null, stopping: false };
    const release = await this.#browser.keepAwake().catch(() => null);
    try {
      const ended = await job((progress) => this.#hear(progress));
      this.#end(ended === null ? IDLE : viewOf(ended));
    } catch (caught) {
      const error = asLabError(caught);
      if (this.#stopping && error.code === 'interrupted') await this.#client.cancel().catch(() => undefined); // a fresh worker forgets the job
      const left = await this.#client.current().catch(() => null); // a worker that crashed leaves its job to go on with
      if (left === null && error.code === 'interrupted') this.#end(IDLE);
      else this.#end(left === null ? { kind: 'failed', error } : { kind: 'held', job: left, error });
    } finally {
      release?.();
    }
  }

  #hear(progress: ExtractionProgress): void {
    if (this.#view.kind !== 'running') return;
    this.#view = { ...this.#view, progress };
    if (progress.unitsDone === this.#unitsDone) return;
    this.#unitsDone = progress.unitsDone;
    this.#onStored();
  }

  #end(view: ExtractionView): void {
    this.#view = view;
    this.#client.endWorker();
    this.#onStored();
  }
}

function viewOf(job: ExtractionJob): ExtractionView {
  return job.state === 'done' ? { kind: 'done', job } : { kind: 'held', job, error: null };
}
