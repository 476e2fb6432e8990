/**
 * Activations of a whole ladder, checkpoint after checkpoint, overnight if need be: what the store has is skipped, so a restart goes
 * on where the last run ended; a source that is out of reach is waited for; a checkpoint that cannot be read is noted and left out.
 */
import { asLabError, LabError } from '../../core/errors.ts';
import type { Runtime } from '../../engine/device/runtime.ts';
import type { BlobStore } from '../../engine/streamed/blob-store.ts';
import type { StreamedProgress } from '../../engine/streamed/streamed-request.ts';
import { Eta } from '../jobs/eta.ts';
import { runLadder } from '../jobs/ladder-run.ts';
import { PauseGate } from '../jobs/pause-gate.ts';
import type { ActivationStore } from './activation-store.ts';
import type { LadderPlan } from './ladder-units.ts';
import { waitDelay, type Patience, type WaitFor, type Waiting } from './retrying-files.ts';
import { StreamedJob } from './streamed-job.ts';

export interface LadderDependencies {
  readonly runtime: Runtime;
  readonly activations: ActivationStore; // where results go
  readonly unfinished?: BlobStore; // what a restart goes on from in the middle of a checkpoint
  readonly waitFor?: WaitFor; // by default a delay that grows
  readonly now?: () => number; // milliseconds
  readonly onProgress?: (progress: LadderProgress) => void;
}

export interface LadderProgress {
  readonly status: 'running' | 'paused' | 'waiting';
  readonly waiting: Waiting | null; // what for
  readonly unitsDone: number; // checkpoint × prompt set, those that the store had included
  readonly units: number;
  readonly checkpoint: string | null; // under way
  readonly pass: StreamedProgress | null; // of that checkpoint
  readonly secondsLeft: number | null; // null: not yet known
  readonly failures: readonly LadderFailure[];
}

/** A checkpoint that was left out. */
export interface LadderFailure {
  readonly checkpoint: string;
  readonly error: LabError;
}

const stopped = (): LabError => new LabError('interrupted', 'The extraction was stopped.', 'Start it again.');

export class LadderExtraction {
  readonly #plan: LadderPlan;
  readonly #dependencies: LadderDependencies;
  readonly #eta: Eta;
  readonly #gate = new PauseGate(stopped);
  readonly #failures: LadderFailure[] = [];
  readonly #jobs = new Map<number, StreamedJob>(); // by index: this checkpoint and the next
  #index = 0; // of the checkpoint under way
  #unitsDone = 0;
  #pass: StreamedProgress | null = null;
  #waiting: Waiting | null = null;

  constructor(plan: LadderPlan, dependencies: LadderDependencies) {
    this.#plan = plan;
    this.#dependencies = dependencies;
    this.#eta = new Eta(dependencies.now ?? (() => performance.now()));
    this.#eta.plan(plan.checkpoints.length);
  }

  /** Runs what is missing. Resolves to the checkpoints that were left out; rejects with `interrupted` after `cancel`. */
  async run(): Promise<readonly LadderFailure[]> {
    const { checkpoints, promptSets } = this.#plan;
    const run = runLadder<StreamedProgress>({
      checkpoints: [...checkpoints.keys()],
      lanes: 1,
      gate: this.#gate,
      work: (index, _, report) => this.#checkpoint(index, report),
    });
    for await (const event of run) {
      if (event.kind === 'progress') {
        this.#pass = event.progress;
      } else {
        if (event.kind === 'left out') {
          this.#failures.push({ checkpoint: checkpoints[event.index]?.label ?? '', error: event.error });
        }
        this.#unitsDone = (event.index + 1) * promptSets.length;
      }
      this.#report();
    }
    return this.#failures;
  }

  /** Holds it up before its next run; what is computed stays in memory. */
  pause(): void {
    if (this.#gate.isPaused) return;
    this.#gate.pause();
    this.#eta.stop();
    this.#report();
  }

  resume(): void {
    if (!this.#gate.isPaused) return;
    this.#gate.resume();
    if (this.#waiting === null && this.#pass !== null) this.#eta.start();
    this.#report();
  }

  /** Ends it within one run. A later extraction of the same plan resumes there. */
  cancel(): void {
    this.#gate.stop();
  }

  async #checkpoint(index: number, report: (pass: StreamedProgress) => void): Promise<void> {
    this.#index = index;
    this.#pass = null;
    const job = this.#jobOf(index);
    const { runtime, unfinished } = this.#dependencies;
    try {
      const missing = await job.missing();
      if (missing === 0) {
        this.#eta.skip(1);
        return;
      }
      this.#eta.start();
      this.#unitsDone += this.#plan.promptSets.length - missing;
      await job.run({
        runtime,
        beforeRun: () => this.#gate.untilOpen(),
        onProgress: (pass) => {
          this.#eta.reach(index, (pass.stage + pass.done / pass.total) / pass.stages);
          if (pass.stage + Number(pass.done === pass.total) >= pass.stages - 1) this.#prefetch(index + 1);
          report(pass);
        },
        ...(unfinished && { unfinished }),
      });
      this.#eta.finish(index, 1);
    } catch (thrown) {
      this.#eta.drop(index);
      this.#eta.skip(1);
      throw asLabError(thrown);
    } finally {
      this.#eta.stop();
      this.#jobs.delete(index);
    }
  }

  #jobOf(index: number): StreamedJob {
    const { checkpoints, ...reading } = this.#plan;
    const source = checkpoints[index];
    if (source === undefined)
      throw new LabError('internal', `There is no checkpoint ${index}.`, 'This is a bug: please report it.');
    const { activations } = this.#dependencies;
    const job =
      this.#jobs.get(index) ?? new StreamedJob(source, reading, { activations, patience: this.#patience(index) });
    this.#jobs.set(index, job);
    return job;
  }

  /** The next checkpoint's first weights arrive while this one's last stage runs. */
  #prefetch(index: number): void {
    if (index < this.#plan.checkpoints.length && !this.#jobs.has(index)) this.#jobOf(index).prefetch();
  }

  #patience(index: number): Patience {
    const waitFor = this.#dependencies.waitFor ?? waitDelay;
    const onWaiting = (waiting: Waiting | null): void => {
      if (index !== this.#index) return; // the next checkpoint's: nothing waits for it yet
      this.#waiting = waiting;
      if (waiting === null) this.#eta.start();
      else this.#eta.stop();
      this.#report();
    };
    return { waitFor, signal: this.#gate.signal, onWaiting };
  }

  #report(): void {
    const { checkpoints, promptSets } = this.#plan;
    const running = this.#waiting === null ? 'running' : 'waiting';
    this.#dependencies.onProgress?.({
      status: this.#gate.isPaused ? 'paused' : running,
      waiting: this.#waiting,
      unitsDone: this.#unitsDone,
      units: checkpoints.length * promptSets.length,
      checkpoint: checkpoints[this.#index]?.label ?? null,
      pass: this.#pass,
      secondsLeft: this.#eta.secondsLeft,
      failures: this.#failures,
    });
  }
}
