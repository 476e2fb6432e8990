/** Refines the directions of the open model in the background, part by part, until more prompts would change little. */
import type { SteerClient } from '../../rpc/clients.ts';
import type { DirectionsSummary, ModelSummary, Refinement } from '../../labs/steer/steer-messages.ts';
import { SETTLED_CERTAINTY } from '../../core/probes/split-half.ts';

/** Seconds of reading a visit spends by itself. */
export const REFINING_SECONDS = 60;

/** Why no more prompts are being read, or that they are. */
export type Refining = 'running' | 'paused' | 'settled' | 'budget' | 'all' | 'idle';

export class DirectionRefiner {
  readonly #client: SteerClient;
  #state = $state.raw<Refining>('idle');
  #part = $state.raw<Refinement | null>(null); // the newest
  #usesAll = false;
  #run = 0; // stamp of the newest loop

  constructor(client: SteerClient) {
    this.#client = client;
  }

  get state(): Refining {
    return this.#state;
  }
  /** Prompts read, and those that there are; null before the first part. */
  get progress(): Pick<Refinement, 'read' | 'total'> | null {
    return this.#part;
  }

  /**
   * Goes on until the directions are settled, the time is used up or every prompt was read. `onDirections` is told of new ones.
   * @throws LabError of the worker
   */
  async run(
    model: ModelSummary,
    start: DirectionsSummary,
    onDirections: (directions: DirectionsSummary) => void,
  ): Promise<void> {
    const run = ++this.#run;
    let directions = start;
    if (this.#part === null) this.#part = { read: start.read, total: start.total, seconds: 0, directions: null };
    for (;;) {
      const end = this.#endOf(model, directions);
      this.#state = end ?? 'running';
      if (end !== null) return;
      const part = await this.#client.refine().catch((error: unknown) => {
        if (run === this.#run) throw error;
      });
      if (run !== this.#run || part === undefined) return; // paused, or another model or set was chosen
      this.#part = part;
      if (part.directions === null) continue;
      directions = part.directions;
      onDirections(directions);
    }
  }

  /** Allows every prompt; `run` has to be called again. */
  useAll(): void {
    this.#usesAll = true;
  }

  pause(): void {
    this.#run++;
    this.#state = 'paused';
  }

  /** Another model is opened. */
  reset(): void {
    this.#run++;
    this.#state = 'idle';
    this.#part = null;
    this.#usesAll = false;
  }

  #endOf(model: ModelSummary, directions: DirectionsSummary): Refining | null {
    const { read, total, seconds } = this.#part ?? { read: 0, total: 0, seconds: 0 };
    if (read >= total) return 'all';
    if (this.#usesAll) return null;
    if (isSettled(model, directions)) return 'settled';
    return seconds >= REFINING_SECONDS ? 'budget' : null;
  }
}

/** Whether more prompts would change little, at the layer that is steered by default. */
export function isSettled({ steeringLayer }: ModelSummary, { layers, counts }: DirectionsSummary): boolean {
  const made = (layers[steeringLayer] ?? []).filter(({ name }) => counts[name].harmful > 0);
  return made.every(({ certainty }) => certainty !== null && certainty >= SETTLED_CERTAINTY);
}
