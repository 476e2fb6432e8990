/**
 * The lab behind the Steer page: one open checkpoint, its directions, and the pair of answers under way. Jobs queue one after
 * another; `steer` and `interrupt` act at once on the job that runs.
 */

import { summariseDirections, summarise } from './steer-summaries.ts';
import { LabError } from '../../core/errors.ts';
import { unlessAborted } from '../../engine/device/unless-aborted.ts';
import { BatchSender, type AnswerBatch } from './answer-batches.ts';
import { answerPair } from './answer-pair.ts';
import type { AnswerPairSummary } from './answer-messages.ts';

import { DirectionGrowth } from './direction-growth.ts';
import { DirectionSets, type DirectionSetPlaces } from './direction-sets.ts';
import { automaticSet } from '../../core/built-in-sets.ts';

import type { KeyValueStore } from '../../core/key-value-store.ts';
import { FIRST_PER_CLASS } from './growth-order.ts';
import { directionsFile } from './directions-file.ts';
import { JobQueue } from '../jobs/job-queue.ts';
import type {
  AnswerRequest,
  DirectionsRequest,
  DirectionsSummary,
  ModelSummary,
  OpenRequest,
  Progress,
  Refinement,
} from './steer-messages.ts';
import type { ModelRef } from '../models/checkpoint-ref.ts';
import { openModel, type ModelParts, type OpenedModel } from './open-model.ts';
import { rewritePrompts, type Rewrite, type RewriteRequest } from './rewrite-prompts.ts';
import { LiveSteering } from './live-steering.ts';
import type { SteeringSettings } from './steering.ts';

/** Where checkpoints and prompts come from and directions rest, handed in. */
export interface SteerLabParts extends ModelParts {
  readonly promptSets: DirectionSetPlaces;
  readonly store: KeyValueStore;
}

interface OpenModel extends OpenedModel {
  readonly source: ModelRef;
  set: string; // of prompts, that directions are made from
  growth: DirectionGrowth | null; // null until the prompts are here
  openingGrowth: Promise<DirectionGrowth> | null; // asked for, not failed
}

export class SteerLab {
  readonly #parts: SteerLabParts;
  readonly #jobs = new JobQueue();
  readonly #sets: DirectionSets;
  #open: OpenModel | null = null;
  #live: LiveSteering | null = null; // of the answer asked for last
  #stopAnswer = new AbortController(); // of the answer asked for last
  #stopGrowth = new AbortController();

  constructor(parts: SteerLabParts) {
    this.#parts = parts;
    this.#sets = new DirectionSets(parts.promptSets);
  }

  /** Opens a checkpoint; the one before is put away only once the new one runs. */
  open({ source, provider }: OpenRequest, onProgress: (progress: Progress) => void): Promise<ModelSummary> {
    this.#stopGrowth.abort();
    void this.#sets.open(automaticSet(source)).catch(() => undefined); // beside the model; its own use tells what is wrong
    return this.#jobs.add(async (signal) => {
      const opened = await openModel(this.#parts, source, { provider, signal, onProgress });
      const previous = this.#open;
      this.#open = { ...opened, source, set: automaticSet(source), growth: null, openingGrowth: null };
      await previous?.checkpoint.model.dispose();
      return summarise(this.#open);
    });
  }

  /**
   * The open model's directions: those that are stored, else as soon as the first can be computed. `prompts`: from exactly so many, as a
   * link may ask for. Answers come between the parts of the work.
   */
  async directions(
    { prompts, set }: DirectionsRequest,
    onProgress: (progress: Progress) => void,
  ): Promise<DirectionsSummary> {
    this.#stopGrowth.abort();
    const { signal } = (this.#stopGrowth = new AbortController());
    const asked = this.#requireOpen();
    useSet(asked, set ?? automaticSet(asked.source));
    const growth = await unlessAborted(this.#growthOf(asked), signal, interrupted); // not in the queue: an answer need not wait for prompts
    const { label } = asked.checkpoint;
    const heard = new Promise<void>((resolve) => {
      growth.onPart(() => {
        onProgress({ phase: 'extract', done: growth.read, total: firstGoal(growth, prompts), unit: 'prompts', label });
        if (growth.has(prompts)) resolve(); // an answer under way has read what was missing
      });
    });
    await Promise.race([heard, this.#readUntil(asked, growth, prompts, signal)]);
    const found = growth.requireSnapshot(prompts);
    if (found === null) throw interrupted();
    return summariseDirections(asked, growth, found);
  }

  async #readUntil(
    asked: OpenModel,
    growth: DirectionGrowth,
    prompts: number | null,
    signal: AbortSignal,
  ): Promise<void> {
    while (growth.requireSnapshot(prompts) === null) {
      await this.#jobs.add(async () => {
        if (this.#open !== asked || asked.growth !== growth) throw interrupted();
        if (!growth.has(prompts)) await growth.readPart(signal);
      });
    }
  }

  /** Reads some more prompts, for about a second. */
  refine(): Promise<Refinement> {
    return this.#jobs.add(async () => {
      const open = this.#requireOpen();
      const { growth } = open;
      if (growth === null) throw noDirections();
      const isNew = await growth.readPart();
      const { read, total, seconds } = growth;
      const { newest } = growth;
      const directions = isNew && newest !== null ? summariseDirections(open, growth, newest) : null;
      return { read, total, seconds, directions };
    });
  }

  /** Ends `directions`; what was read stays. */
  stopDirections(): Promise<void> {
    this.#stopGrowth.abort();
    return Promise.resolve();
  }

  answer(request: AnswerRequest, onBatch: (batch: AnswerBatch) => void): Promise<AnswerPairSummary> {
    const live = new LiveSteering(request.steering, request.moves);
    this.#live = live;
    const stop = (this.#stopAnswer = new AbortController());
    return this.#jobs.add(async (running) => {
      const open = this.#requireOpen();
      const signal = AbortSignal.any([running, stop.signal]);
      const batches = new BatchSender(onBatch);
      const { chat, directionPrompts = null, ...rest } = request;
      const source = {
        now: () => open.growth?.requireSnapshot(directionPrompts) ?? null,
        grow: async (waits: boolean): Promise<void> => {
          const opening = this.#growthOf(open);
          if (open.growth === null && !waits) return;
          await unlessAborted(opening, signal, interrupted).then(
            (growth) => growth.readPart(),
            (error: unknown) => {
              if (!signal.aborted) throw error;
            },
          );
        },
      };
      try {
        return await answerPair(
          open.checkpoint,
          source,
          { ...rest, template: chat ? 'chat' : 'raw', steering: live, signal },
          (step) => batches.add(step),
        );
      } finally {
        batches.flush();
      }
    });
  }

  /** Asks the open model for each prompt in other words. */
  rewrite(request: RewriteRequest, onRewrite: (rewrite: Rewrite) => void): Promise<void> {
    return this.#jobs.add((signal) => rewritePrompts(this.#requireOpen().checkpoint, request, signal, onRewrite));
  }

  /** Layer, positions and λ for the tokens to come, of the answer asked for last. */
  steer(settings: SteeringSettings): Promise<void> {
    this.#live?.move(settings);
    return Promise.resolve();
  }

  /** Stops the answer asked for last, begun or not, and whatever else runs but the directions. */
  interrupt(): Promise<void> {
    this.#stopAnswer.abort();
    this.#jobs.interrupt();
    return Promise.resolve();
  }

  /** As `interrupt`, for whoever waits until it has taken effect. */
  stop(): Promise<void> {
    return this.interrupt();
  }

  release(): Promise<void> {
    this.#stopGrowth.abort();
    void this.interrupt();
    return this.#jobs.add(async () => {
      const open = this.#open;
      this.#open = null;
      await open?.checkpoint.model.dispose();
    });
  }

  /** Tensors `resid_post.<layer>.<name>` [hidden] of all directions, as one safetensors file. */
  exportDirections(): Promise<Uint8Array> {
    return this.#jobs.add(() => {
      const { growth, source, set, defaults } = this.#requireOpen();
      return Promise.resolve(directionsFile(growth?.newest ?? null, source, set, defaults));
    });
  }

  /** The directions of an open model as they grow, once their prompts are here; asked for again after a failure. */
  #growthOf(open: OpenModel): Promise<DirectionGrowth> {
    const opening = (open.openingGrowth ??= this.#openGrowth(open, open.set));
    opening.catch(() => {
      if (open.openingGrowth === opening) open.openingGrowth = null;
    });
    return opening;
  }

  async #openGrowth(open: OpenModel, set: string): Promise<DirectionGrowth> {
    const prompts = await this.#sets.open(set);
    const growth = await DirectionGrowth.open(this.#parts.store, open, prompts);
    if (open.set === set) open.growth = growth;
    return growth;
  }

  #requireOpen(): OpenModel {
    if (this.#open === null) throw new LabError('bad-request', 'No model is open.', 'Open a checkpoint first.');
    return this.#open;
  }
}

/** Another set begins anew; what was read of the one before is stored. */
function useSet(open: OpenModel, set: string): void {
  if (open.set === set) return;
  open.set = set;
  open.growth = null;
  open.openingGrowth = null;
}

const interrupted = (): LabError => new LabError('interrupted', 'The directions were stopped.', 'Compute them again.');

const noDirections = (): LabError =>
  new LabError('bad-request', 'The directions have not been computed yet.', 'Wait until they are ready.');

/** Prompts until the directions asked for, as far as that is known. */
const firstGoal = ({ read, total }: DirectionGrowth, prompts: number | null): number =>
  Math.min(total, Math.max(read, prompts ?? 2 * FIRST_PER_CLASS));
