/**
 * Directions that grow: after the first prompts of each class they can be steered by, and every doubling of the prompts read
 * makes them surer. The prompts are read in the same order everywhere, so a number of prompts names the same directions on
 * every machine.
 */
import { LabError } from '../../core/errors.ts';
import type { Pooling } from '../../core/probes/pooling.ts';
import { DIRECTION_NAMES, type DirectionName } from '../../core/categories.ts';
import type { Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import { extractResiduals } from '../../engine/run/residuals.ts';
import type { Prompt } from '../../formats/prompts/prompt-set.ts';
import type { PromptTemplate } from '../../formats/prompts/prompt-template.ts';
import { ActivationSums, type ClassSums } from './activation-sums.ts';
import { directionsOf, encodePrompt, type CategoryDirections } from './category-directions.ts';
import { classOf, FIRST_PER_CLASS, growthOrder, type OrderedPrompt } from './growth-order.ts';

const HELD_OUT_BYTES = 64e6; // of held-out activations in memory, which bounds how many prompts are held out

export interface GrowthRequest {
  readonly train: readonly Prompt[];
  readonly test: readonly Prompt[];
  readonly template: PromptTemplate;
  readonly pooling: Pooling;
}

/** Prompts behind a direction. */
export interface PromptCounts {
  readonly harmful: number;
  readonly safe: number;
}

/** Directions as they were after a number of prompts. */
export interface DirectionsSnapshot {
  readonly prompts: number; // training prompts read, which name it
  readonly counts: Readonly<Record<DirectionName, PromptCounts>>;
  readonly layers: CategoryDirections;
}

/** All that is needed to go on after a restart, as plain data. */
export interface SavedGrowth {
  readonly read: number; // prompts of the order
  readonly classes: ReadonlyMap<string, ClassSums>;
  readonly heldOut: ReadonlyMap<string, readonly Float32Array[]>;
  readonly snapshots: readonly DirectionsSnapshot[];
}

export class GrowingDirections {
  readonly #checkpoint: Checkpoint;
  readonly #request: GrowthRequest;
  readonly #order: readonly OrderedPrompt[];
  readonly #harms: ReadonlyMap<string, number>;
  readonly #layers: number;
  readonly #hidden: number;
  readonly #sums: ActivationSums;
  readonly #heldOut: Map<string, Float32Array[]>;
  #snapshots: DirectionsSnapshot[];
  #read: number;

  /** @throws LabError `bad-request`, when a class has no prompts */
  constructor(checkpoint: Checkpoint, request: GrowthRequest, saved: SavedGrowth | null = null) {
    const { layers, hiddenSize } = checkpoint.model.config;
    const { train, test } = request;
    for (const set of [train, test]) checkClasses(set);
    this.#checkpoint = checkpoint;
    this.#request = request;
    this.#layers = layers;
    this.#hidden = hiddenSize;
    this.#order = growthOrder(train, test, Math.floor(HELD_OUT_BYTES / (4 * layers * hiddenSize)));
    this.#harms = harmsOf(train);
    this.#sums = new ActivationSums(layers, hiddenSize, saved?.classes);
    this.#heldOut = new Map([...(saved?.heldOut ?? [])].map(([name, rows]) => [name, [...rows]]));
    this.#snapshots = [...(saved?.snapshots ?? [])];
    this.#read = saved?.read ?? 0;
  }

  /** Prompts read, held-out ones included. */
  get read(): number {
    return this.#read;
  }
  /** Prompts that there are to read. */
  get total(): number {
    return this.#order.length;
  }
  get isComplete(): boolean {
    return this.#read === this.total;
  }
  /** The newest directions; null before the first. */
  get newest(): DirectionsSnapshot | null {
    return this.#snapshots.at(-1) ?? null;
  }

  /** The directions of so many training prompts; null where these have not been computed, or never are. */
  snapshot(prompts: number): DirectionsSnapshot | null {
    return this.#snapshots.find((one) => one.prompts === prompts) ?? null;
  }

  /** Reads some prompts, at most up to the next doubling. Returns whether there are new directions. */
  async readMore(most: number, signal?: AbortSignal): Promise<boolean> {
    const goal = nextDoubling(this.#read, this.total);
    const slice = this.#order.slice(this.#read, Math.min(goal, this.#read + Math.max(1, most)));
    if (slice.length === 0) return false;
    const prompts = slice.map(({ set, index }) => this.#request[set][index]);
    const activations = await this.#activations(prompts, signal);
    for (const [row, { set }] of slice.entries()) {
      const name = prompts[row] === undefined ? null : classOf(prompts[row]);
      const activation = activations[row];
      if (name === null || activation === undefined) continue;
      if (set === 'train') this.#sums.add(name, activation);
      else this.#holdOut(name, activation);
    }
    this.#read += slice.length;
    if (this.#read < goal) return false;
    this.#take();
    return true;
  }

  /** To be stored; the arrays are the growing ones themselves. */
  save(): SavedGrowth {
    const { classes } = this.#sums;
    return { read: this.#read, classes, heldOut: this.#heldOut, snapshots: this.#snapshots };
  }

  /** [prompts] of [layers · hidden]. */
  async #activations(prompts: readonly (Prompt | undefined)[], signal?: AbortSignal): Promise<Float32Array[]> {
    const { tokenizer, model } = this.#checkpoint;
    const { template, pooling } = this.#request;
    const layers = Array.from({ length: this.#layers }, (_, layer) => layer);
    const residuals = await extractResiduals(model, {
      prompts: tokenizer.tokenizing(() =>
        prompts.map((prompt) => encodePrompt(tokenizer, prompt?.text ?? '', template)),
      ),
      layers,
      pooling,
      ...(signal && { signal }),
    });
    return prompts.map((_, row) => {
      const activation = new Float32Array(this.#layers * this.#hidden);
      for (const layer of layers) {
        const values = residuals.get(layer)?.subarray(row * this.#hidden, (row + 1) * this.#hidden);
        activation.set(values ?? [], layer * this.#hidden);
      }
      return activation;
    });
  }

  #holdOut(name: string, activation: Float32Array): void {
    const rows = this.#heldOut.get(name);
    if (rows === undefined) this.#heldOut.set(name, [activation]);
    else rows.push(activation);
  }

  #take(): void {
    const harmful = [...this.#harms.keys()].map((name) => [name, this.#sums.count(name)] as const);
    const safe = this.#sums.count('safe');
    const all = harmful.reduce((sum, [, count]) => sum + count, 0);
    const layers = directionsOf({
      sums: this.#sums,
      heldOut: this.#heldOut,
      harms: this.#harms,
      layers: this.#layers,
      hidden: this.#hidden,
      label: this.#checkpoint.label,
    });
    const counts = Object.fromEntries(
      DIRECTION_NAMES.map((name) => [name, { harmful: name === 'general' ? all : this.#sums.count(name), safe }]),
    ) as Record<DirectionName, PromptCounts>;
    const taken = { prompts: all + safe, counts, layers };
    this.#snapshots = [...this.#snapshots.filter(({ prompts }) => prompts !== taken.prompts), taken];
  }
}

/** Prompts after which directions are computed anew: the first of both classes, then at every doubling, then all. */
function nextDoubling(read: number, total: number): number {
  let goal = 2 * FIRST_PER_CLASS;
  while (goal <= read) goal *= 2;
  return Math.min(goal, total);
}

function harmsOf(prompts: readonly Prompt[]): ReadonlyMap<string, number> {
  const harms = new Map<string, number>();
  for (const { label, category } of prompts) {
    if (label === 'harmful') harms.set(category, (harms.get(category) ?? 0) + 1);
  }
  return harms;
}

function checkClasses(prompts: readonly Prompt[]): void {
  const missing = (['harmful', 'safe'] as const).find((name) => !prompts.some(({ label }) => label === name));
  if (missing === undefined) return;
  throw new LabError('bad-request', `The prompt set has no ${missing} prompts.`, 'Add some, or choose another set.');
}
