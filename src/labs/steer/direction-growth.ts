/** The directions of the open model as they are stored, grow and are handed out. */
import { LabError } from '../../core/errors.ts';
import type { KeyValueStore } from '../../core/key-value-store.ts';
import type { Prompt } from '../../formats/prompts/prompt-set.ts';
import { attempt } from '../jobs/attempt.ts';
import { directionKey, readGrowth, writeGrowth } from './direction-cache.ts';
import { GrowingDirections, type DirectionsSnapshot } from './growing-directions.ts';
import type { OpenedModel } from './open-model.ts';

export interface PromptSets {
  readonly train: readonly Prompt[];
  readonly test: readonly Prompt[];
  readonly digest: string; // of both files' bytes
}

const PART_MS = 1000; // how long a part may take: an answer waits for it; shorter ones compute the shared start more often
const FIRST_PART = 8; // prompts, before the speed is known
const MOST_PROMPTS = 256; // in one part

export class DirectionGrowth {
  readonly #store: KeyValueStore;
  readonly #key: string;
  readonly #growing: GrowingDirections;
  readonly isStored: boolean; // begun on an earlier visit
  readonly #readProblem: string | null;
  #writeProblem: string | null = null;
  #hear: () => void = () => undefined;
  #promptsPerPart = FIRST_PART;
  #spentMs = 0;

  private constructor(
    store: KeyValueStore,
    key: string,
    growing: GrowingDirections,
    stored: boolean,
    problem: string | null,
  ) {
    this.#store = store;
    this.#key = key;
    this.#growing = growing;
    this.isStored = stored;
    this.#readProblem = problem;
  }

  /** Takes up what is stored. @throws LabError `bad-request`, when a class has no prompts */
  static async open(
    store: KeyValueStore,
    { checkpoint, defaults, digest }: OpenedModel,
    prompts: PromptSets,
  ): Promise<DirectionGrowth> {
    const { model, tokenizer } = checkpoint;
    const { pooling, directionTemplate } = defaults;
    const template = tokenizer.hasChatTemplate ? directionTemplate : 'raw';
    const { precision } = model;
    const key = directionKey({ checkpointDigest: digest, promptDigest: prompts.digest, pooling, template, precision });
    const size = model.config.layers * model.config.hiddenSize;
    const stored = await attempt(() => readGrowth(store, key, size));
    const growing = new GrowingDirections(checkpoint, { ...prompts, template, pooling }, stored.value);
    return new DirectionGrowth(store, key, growing, growing.newest !== null, stored.problem);
  }

  get newest(): DirectionsSnapshot | null {
    return this.#growing.newest;
  }
  get read(): number {
    return this.#growing.read;
  }
  get total(): number {
    return this.#growing.total;
  }
  get isComplete(): boolean {
    return this.#growing.isComplete;
  }
  /** Seconds spent on it in this visit. */
  get seconds(): number {
    return this.#spentMs / 1000;
  }
  /** Why it could not be read or stored; null where it could. */
  get storageProblem(): string | null {
    return this.#readProblem ?? this.#writeProblem;
  }

  snapshot(prompts: number): DirectionsSnapshot | null {
    return this.#growing.snapshot(prompts);
  }

  /** Sets the listener that is told of every part, whoever asked for it. */
  onPart(hear: () => void): void {
    this.#hear = hear;
  }

  /** Reads as many prompts as about a second allows, and stores new directions. Returns whether there are any. */
  async readPart(signal?: AbortSignal): Promise<boolean> {
    const [start, before] = [performance.now(), this.read];
    const isNew = await this.#growing.readMore(this.#promptsPerPart, signal);
    const ms = performance.now() - start;
    this.#spentMs += ms;
    const perPrompt = ms / Math.max(1, this.read - before);
    this.#promptsPerPart = Math.max(1, Math.min(MOST_PROMPTS, Math.round(PART_MS / perPrompt)));
    if (isNew) {
      const { problem } = await attempt(() => writeGrowth(this.#store, this.#key, this.#growing.save()));
      this.#writeProblem = problem;
    }
    this.#hear();
    return isNew;
  }

  /** Whether there are directions from so many training prompts, or of null any. */
  has(prompts: number | null): boolean {
    return (prompts === null ? this.newest : this.snapshot(prompts)) !== null;
  }

  /** Directions from so many training prompts, once these were read. @throws LabError `bad-request`, when there are never any */
  requireSnapshot(prompts: number | null): DirectionsSnapshot | null {
    if (prompts === null) return this.newest;
    const found = this.snapshot(prompts);
    if (found !== null || !this.isComplete) return found;
    const problem = `There are no directions from ${prompts} prompts: this prompt set gives other numbers.`;
    throw new LabError('bad-request', problem, 'Answer again with the directions that there are.');
  }
}
