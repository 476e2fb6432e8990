import { asLabError, type LabError } from '../../core/errors.ts';
import type { SteerClient } from '../../rpc/clients.ts';
import type { DirectionsSummary, ModelSummary, Progress } from '../../labs/steer/steer-messages.ts';
import type { ModelRef } from '../../labs/models/checkpoint-ref.ts';
import type { ProviderChoice } from '../../engine/device/device-report.ts';
import { suggestedLayer } from './layer-suggestion.ts';
import { DirectionRefiner } from './direction-refiner.svelte.ts';
import { IDLE, ready, STARTING, valueOf, type Async } from '../page/async.ts';
import type { DeviceReport, LadderSummary, Surroundings } from '../page/device-and-ladder.svelte.ts';

export type { DirectionsSummary };

/** A revision of the built-in ladder (null: its default one), or a model that this browser keeps. */
export type ModelChoice =
  { readonly kind: 'built-in'; readonly revision: string | null } | { readonly kind: 'saved'; readonly name: string };

interface Wanted {
  readonly choice: ModelChoice;
  readonly provider: ProviderChoice;
}

const DEFAULT_CHOICE: Wanted = { choice: { kind: 'built-in', revision: null }, provider: 'auto' };

/** The open model and its directions; none before the first `open`. */
export class Lab {
  readonly #client: SteerClient;
  readonly #surroundings: Surroundings;
  #model = $state.raw<Async<ModelSummary>>(IDLE);
  #directions = $state.raw<Async<DirectionsSummary>>(IDLE);
  #wanted = $state.raw<Wanted | null>(null);
  #suggestedLayer = $state.raw<number | null>(null);
  #set: string | null = null; // of prompts, for the directions; null: the one for the model
  #hasStored = false; // the worker has been asked for a stored model
  #latest = 0; // stamp of the newest request; answers to older ones are dropped
  #opened: Promise<void> = Promise.resolve(); // settles with the model's opening
  #settled: Promise<void> = Promise.resolve(); // with its first directions too
  readonly refiner: DirectionRefiner;

  constructor(client: SteerClient, surroundings: Surroundings) {
    this.#client = client;
    this.refiner = new DirectionRefiner(client);
    this.#surroundings = surroundings;
    client.onWorkerLost((error) => {
      if (this.#wanted !== null) this.lose(error);
    });
  }

  get device(): DeviceReport | null {
    return valueOf(this.#surroundings.device.state);
  }
  get ladder(): LadderSummary | null {
    return valueOf(this.#surroundings.ladder.state);
  }
  get model(): Async<ModelSummary> {
    return this.#model;
  }
  /** The layer that held-out prompts suggest for a saved model, found once, so that it does not move while one steers; else null. */
  get suggestedLayer(): number | null {
    return this.#suggestedLayer;
  }
  get directions(): Async<DirectionsSummary> {
    return this.#directions;
  }

  /** The stored model that was asked for last, open or not; null: one of the ladder. */
  get stored(): string | null {
    return this.#wanted?.choice.kind === 'saved' ? this.#wanted.choice.name : null;
  }

  /** Opens a checkpoint, then its directions. Resolves when that has settled. */
  open(choice: ModelChoice, provider: ProviderChoice): Promise<void> {
    const busy = this.#model.kind === 'loading' || this.#directions.kind === 'loading';
    const isFirst = this.#wanted === null;
    this.#wanted = { choice, provider };
    const stamp = ++this.#latest; // before the worker may end: what it had under way is of no interest
    if (!isFirst && (this.#hasStored || choice.kind === 'saved')) {
      // A worker's WASM threads are those of its first session and its memory never shrinks, so large models begin in a fresh one.
      this.#client.endWorker();
      this.#hasStored = false;
    } else if (busy) void this.#client.interrupt().catch(() => undefined); // the older request reports its own end
    if (choice.kind === 'saved') this.#hasStored = true;
    this.#model = STARTING;
    this.#directions = IDLE;
    this.refiner.reset();
    this.#suggestedLayer = null;
    this.#client.startWorker();
    this.#opened = this.#open(stamp, choice, provider);
    this.#settled = this.#opened.then(() => this.#loadDirections(stamp));
    return this.#settled;
  }

  /** Whether this is what was asked for last, open or opening. */
  isWanted(choice: ModelChoice, provider: ProviderChoice): boolean {
    const isSame = JSON.stringify(this.#wanted) === JSON.stringify({ choice, provider } satisfies Wanted);
    return isSame && this.#model.kind !== 'failed';
  }

  retry(): Promise<void> {
    const { choice, provider } = this.#wanted ?? DEFAULT_CHOICE;
    return this.open(choice, provider);
  }

  /** Computes the directions of the open model, or reads them from this browser's store. */
  loadDirections(): Promise<void> {
    this.#settled = this.#loadDirections(this.#latest);
    return this.#settled;
  }

  async cancelDirections(): Promise<void> {
    if (this.#directions.kind === 'loading') await this.#client.stopDirections();
  }

  /** Waits until the model is open; begins directions that were cancelled. False: it failed. */
  async whenOpen(): Promise<boolean> {
    let waitedFor;
    do {
      waitedFor = this.#opened;
      await waitedFor;
    } while (waitedFor !== this.#opened);
    if (this.#model.kind === 'ready' && this.#directions.kind === 'idle') void this.loadDirections();
    return this.#model.kind === 'ready';
  }

  /** The directions from so many training prompts, or from as many as were read; null where those are not at hand. */
  directionsFrom(prompts: number | null): DirectionsSummary | null {
    const newest = valueOf(this.#directions);
    return prompts === null || newest?.prompts === prompts ? newest : null;
  }

  /** Takes another set of prompts for the directions; null: the one for the model. */
  useSet(set: string | null): void {
    if (set === this.#set) return;
    this.#set = set;
    if (this.#model.kind !== 'ready') return;
    this.refiner.reset();
    this.#suggestedLayer = null;
    void this.loadDirections();
  }

  /** Refines the directions with every prompt that there is. */
  useAllPrompts(): void {
    this.refiner.useAll();
    void this.#refine(this.#latest);
  }

  resumeRefining(): void {
    void this.#refine(this.#latest);
  }

  /** The worker is gone, and the model with it. */
  lose(error: LabError): void {
    this.#latest++;
    this.#model = { kind: 'failed', error };
    this.#directions = IDLE;
    this.refiner.reset();
  }

  exportDirections(): Promise<Uint8Array> {
    return this.#client.exportDirections();
  }

  async #open(stamp: number, choice: ModelChoice, provider: ProviderChoice): Promise<void> {
    try {
      const ladder = await this.#surroundings.ladder.read();
      if (stamp !== this.#latest) return;
      const source = sourceOf(choice, ladder);
      const model = await this.#client.open({ source, provider }, (progress) => {
        if (stamp === this.#latest) this.#model = { kind: 'loading', progress };
      });
      if (stamp !== this.#latest) return;
      this.#model = ready(model);
    } catch (error) {
      if (stamp === this.#latest) this.#model = { kind: 'failed', error: asLabError(error) };
    }
  }

  async #loadDirections(stamp: number): Promise<void> {
    if (stamp !== this.#latest || valueOf(this.#model) === null) return;
    this.#directions = STARTING;
    const onProgress = (progress: Progress): void => {
      if (stamp === this.#latest) this.#directions = { kind: 'loading', progress };
    };
    try {
      const directions = await this.#client.directions({ prompts: null, set: this.#set }, onProgress);
      if (stamp !== this.#latest) return;
      this.#take(directions);
      void this.#refine(stamp);
    } catch (caught) {
      if (stamp === this.#latest) this.#failDirections(asLabError(caught));
    }
  }

  async #refine(stamp: number): Promise<void> {
    const [model, directions] = [valueOf(this.#model), valueOf(this.#directions)];
    if (model === null || directions === null) return;
    try {
      await this.refiner.run(model, directions, (newer) => {
        if (stamp === this.#latest) this.#take(newer);
      });
    } catch (caught) {
      if (stamp === this.#latest) this.#failDirections(asLabError(caught));
    }
  }

  #take(directions: DirectionsSummary): void {
    this.#directions = ready(directions);
    if (directions.source.kind === 'saved') this.#suggestedLayer ??= suggestedLayer(directions);
  }

  #failDirections(error: LabError): void {
    if (error.code === 'device') {
      this.lose(error); // a device that was lost, or memory that ran out, takes the open model along
      return;
    }
    this.refiner.pause();
    this.#directions = error.code === 'interrupted' ? IDLE : { kind: 'failed', error };
  }
}

function sourceOf(choice: ModelChoice, { id, defaults }: LadderSummary): ModelRef {
  if (choice.kind === 'saved') return choice;
  return { kind: 'built-in', ladder: id, revision: choice.revision ?? defaults.revision };
}
