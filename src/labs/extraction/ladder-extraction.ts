/**
 * Activations of a whole ladder, checkpoint after checkpoint, overnight if need be: what the store has is skipped, so a restart goes
 * on where the last run ended; a source that is out of reach is waited for; a checkpoint that cannot be read is noted and left out.
 */
import { asLabError, LabError } from '../../core/errors.ts';
import { pause as wait } from '../../engine/device/event-loop.ts';
import type { Runtime } from '../../engine/device/runtime.ts';
import type { BlobStore } from '../../engine/streamed/blob-store.ts';
import { extractStreamed, type StreamedProgress } from '../../engine/streamed/extract-streamed.ts';
import { StreamedCheckpoint } from '../../engine/streamed/streamed-checkpoint.ts';
import type { ActivationStore } from './activation-store.ts';
import { LadderEta } from '../jobs/ladder-eta.ts';
import {
  missingSets,
  storeUnits,
  tokenise,
  type LadderPlan,
  type LadderPromptSet,
  type PinnedCheckpoint,
} from './ladder-units.ts';
import { leavesOut } from '../study/checkpoint-faults.ts';
import { patientFiles, patiently, type Patience, type WaitFor, type Waiting } from './retrying-files.ts';

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

const waitDelay: WaitFor = ({ delayMs }, signal) => wait(delayMs, signal);

/** A checkpoint whose turn it is, or is next. */
interface Opened {
  readonly pinned: PinnedCheckpoint;
  readonly missing: readonly LadderPromptSet[];
  readonly weights: StreamedCheckpoint | null; // null: nothing is missing
}

export class LadderExtraction {
  readonly #plan: LadderPlan;
  readonly #dependencies: LadderDependencies;
  readonly #pace: LadderEta;
  readonly #stop = new AbortController();
  readonly #failures: LadderFailure[] = [];
  readonly #opened = new Map<number, Promise<Opened>>(); // by index: this checkpoint and the next
  #index = 0; // of the checkpoint under way
  #unitsDone = 0;
  #pass: StreamedProgress | null = null;
  #waiting: Waiting | null = null;
  #gate: { readonly opens: Promise<void>; readonly open: () => void } | null = null;

  constructor(plan: LadderPlan, dependencies: LadderDependencies) {
    this.#plan = plan;
    this.#dependencies = dependencies;
    this.#pace = new LadderEta(plan.checkpoints.length, dependencies.now ?? (() => performance.now()));
  }

  /** Runs what is missing. Resolves to the checkpoints that were left out; rejects with `interrupted` where it is cancelled. */
  async run(): Promise<readonly LadderFailure[]> {
    for (const index of this.#plan.checkpoints.keys()) {
      this.#index = index;
      this.#pass = null;
      await this.#untilOpen();
      await this.#checkpoint(index);
      this.#opened.delete(index);
      this.#unitsDone = (index + 1) * this.#plan.promptSets.length;
      this.#report();
    }
    return this.#failures;
  }

  /** Holds it up before its next run; what is computed stays in memory. */
  pause(): void {
    if (this.#gate !== null) return;
    let open = (): void => undefined;
    const opens = new Promise<void>((resolve) => (open = resolve));
    this.#gate = { opens, open };
    this.#pace.stop();
    this.#report();
  }

  resume(): void {
    if (this.#gate === null) return;
    this.#gate.open();
    this.#gate = null;
    if (this.#waiting === null && this.#pass !== null) this.#pace.start();
    this.#report();
  }

  /** Ends it within one run. A later extraction of the same plan goes on from there. */
  cancel(): void {
    this.#stop.abort();
    this.#gate?.open();
  }

  async #checkpoint(index: number): Promise<void> {
    try {
      const { pinned, missing, weights } = await this.#open(index);
      if (weights === null) {
        this.#pace.skip();
        return;
      }
      this.#pace.begin();
      this.#unitsDone += this.#plan.promptSets.length - missing.length;
      await this.#extract(index, pinned, missing, weights);
      this.#pace.end();
    } catch (thrown) {
      const error = asLabError(thrown);
      if (this.#stop.signal.aborted || !leavesOut(error)) throw error;
      this.#failures.push({ checkpoint: this.#plan.checkpoints[index]?.label ?? '', error });
      this.#pace.skip();
    }
  }

  async #extract(
    index: number,
    pinned: PinnedCheckpoint,
    missing: readonly LadderPromptSet[],
    weights: StreamedCheckpoint,
  ): Promise<void> {
    const { runtime, unfinished, activations } = this.#dependencies;
    const { layers, pooling, precision } = this.#plan;
    const request = { prompts: await tokenise(pinned.files, missing), layers, pooling, precision };
    const pooled = await extractStreamed(weights, runtime, request, {
      commit: pinned.commit,
      signal: this.#stop.signal,
      beforeRun: () => this.#untilOpen(),
      onProgress: (pass) => {
        this.#pass = pass;
        this.#pace.reach((pass.stage + pass.done / pass.total) / pass.stages);
        if (pass.stage + Number(pass.done === pass.total) >= pass.stages - 1) this.#prefetch(index + 1);
        this.#report();
      },
      ...(unfinished && { store: unfinished }),
    });
    await storeUnits(activations, this.#plan, pinned, missing, pooled);
  }

  /** Opens a checkpoint once; a failure is forgotten, so that its turn tries again. */
  #open(index: number): Promise<Opened> {
    const known = this.#opened.get(index);
    if (known !== undefined) return known;
    const opening = this.#pin(index);
    this.#opened.set(index, opening);
    opening.catch(() => this.#opened.delete(index));
    return opening;
  }

  async #pin(index: number): Promise<Opened> {
    const source = this.#plan.checkpoints[index];
    if (source === undefined)
      throw new LabError('internal', `There is no checkpoint ${index}.`, 'This is a bug: please report it.');
    const patience = this.#patience(index);
    const { commit, files } = await patiently(() => source.resolve(this.#stop.signal), patience);
    const pinned = { commit, files: patientFiles(files, patience) };
    const missing = await missingSets(this.#dependencies.activations, this.#plan, commit);
    const weights = missing.length === 0 ? null : await StreamedCheckpoint.open(pinned.files);
    return { pinned, missing, weights };
  }

  /** The next checkpoint's first weights come while this one's last stage runs. Its failures are its own turn's. */
  #prefetch(index: number): void {
    if (index >= this.#plan.checkpoints.length || this.#opened.has(index)) return;
    void this.#open(index).then(
      ({ weights }) => weights?.reader.prefetch(0),
      () => undefined,
    );
  }

  #patience(index: number): Patience {
    const waitFor = this.#dependencies.waitFor ?? waitDelay;
    const onWaiting = (waiting: Waiting | null): void => {
      if (index !== this.#index) return; // the next checkpoint's: nothing waits for it yet
      this.#waiting = waiting;
      if (waiting === null) this.#pace.start();
      else this.#pace.stop();
      this.#report();
    };
    return { waitFor, signal: this.#stop.signal, onWaiting };
  }

  /** Resolves at once, or when `resume` is called. Throws `interrupted` after `cancel`. */
  async #untilOpen(): Promise<void> {
    await this.#gate?.opens;
    if (this.#stop.signal.aborted) throw new LabError('interrupted', 'The extraction was stopped.', 'Start it again.');
  }

  #report(): void {
    const { checkpoints, promptSets } = this.#plan;
    const running = this.#waiting === null ? 'running' : 'waiting';
    this.#dependencies.onProgress?.({
      status: this.#gate === null ? running : 'paused',
      waiting: this.#waiting,
      unitsDone: this.#unitsDone,
      units: checkpoints.length * promptSets.length,
      checkpoint: checkpoints[this.#index]?.label ?? null,
      pass: this.#pass,
      secondsLeft: this.#pace.secondsLeft,
      failures: this.#failures,
    });
  }
}
