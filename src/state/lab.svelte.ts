import { asLabError, type LabError } from '../core/errors.ts';
import type { ModelClient } from '../bridge/model-client.ts';
import type {
  DeviceReport,
  DirectionsSummary,
  LadderSummary,
  ModelSummary,
  Progress,
  ProviderChoice,
} from '../../workers/api.ts';
import { IDLE, ready, STARTING, valueOf, type Async } from './async.ts';

export type { DirectionsSummary };

const BUILT_IN_LADDER = 'tiny-olmo3';

/** The open model, its directions and the device they run on. */
export class Lab {
  readonly #client: ModelClient;
  #device = $state.raw<DeviceReport | null>(null);
  #ladder = $state.raw<LadderSummary | null>(null);
  #model = $state.raw<Async<ModelSummary>>(IDLE);
  #directions = $state.raw<Async<DirectionsSummary>>(IDLE);
  #wanted: { readonly revision: string | null; readonly provider: ProviderChoice } | null = null;
  #latest = 0; // stamp of the newest request; answers to older ones are dropped
  #settled: Promise<void> = Promise.resolve();

  constructor(client: ModelClient) {
    this.#client = client;
  }

  get device(): DeviceReport | null {
    return this.#device;
  }
  get ladder(): LadderSummary | null {
    return this.#ladder;
  }
  get model(): Async<ModelSummary> {
    return this.#model;
  }
  get directions(): Async<DirectionsSummary> {
    return this.#directions;
  }

  /** Opens a checkpoint (null: the ladder's default), then its directions. Resolves when that has settled. */
  open(revision: string | null, provider: ProviderChoice): Promise<void> {
    this.#wanted = { revision, provider };
    const busy = this.#model.kind === 'loading' || this.#directions.kind === 'loading';
    if (busy) void this.#client.interrupt().catch(() => undefined); // the older request reports its own end
    const stamp = ++this.#latest;
    this.#model = STARTING;
    this.#directions = IDLE;
    this.#settled = this.#open(stamp, revision, provider);
    return this.#settled;
  }

  /** Whether this is what was asked for last, open or opening. */
  isWanted(revision: string | null, provider: ProviderChoice): boolean {
    return this.#wanted?.revision === revision && this.#wanted.provider === provider && this.#model.kind !== 'failed';
  }

  retry(): Promise<void> {
    return this.open(this.#wanted?.revision ?? null, this.#wanted?.provider ?? 'auto');
  }

  /** Computes the directions of the open model, or reads them from this browser's store. */
  loadDirections(): Promise<void> {
    this.#settled = this.#loadDirections(this.#latest);
    return this.#settled;
  }

  async cancelDirections(): Promise<void> {
    if (this.#directions.kind === 'loading') await this.#client.interrupt();
  }

  /** Waits until model and directions are there; computes directions that were cancelled. False: they failed. */
  async whenReady(): Promise<boolean> {
    let waitedFor;
    do {
      waitedFor = this.#settled;
      await waitedFor;
    } while (waitedFor !== this.#settled);
    if (this.#model.kind === 'ready' && this.#directions.kind === 'idle') await this.loadDirections();
    return this.#model.kind === 'ready' && this.#directions.kind === 'ready';
  }

  /** The worker is gone, and the model with it. */
  lose(error: LabError): void {
    this.#latest++;
    this.#model = { kind: 'failed', error };
    this.#directions = IDLE;
  }

  exportDirections(): Promise<Uint8Array> {
    return this.#client.exportDirections();
  }

  async #open(stamp: number, revision: string | null, provider: ProviderChoice): Promise<void> {
    try {
      this.#device ??= await this.#client.device();
      this.#ladder ??= await this.#client.ladder(BUILT_IN_LADDER);
      if (stamp !== this.#latest) return;
      const request = { ladder: BUILT_IN_LADDER, revision: revision ?? this.#ladder.defaults.revision, provider };
      const model = await this.#client.open(request, (progress) => {
        if (stamp === this.#latest) this.#model = { kind: 'loading', progress };
      });
      if (stamp !== this.#latest) return;
      this.#model = ready(model);
    } catch (error) {
      if (stamp === this.#latest) this.#model = { kind: 'failed', error: asLabError(error) };
      return;
    }
    await this.#loadDirections(stamp);
  }

  async #loadDirections(stamp: number): Promise<void> {
    if (valueOf(this.#model) === null) return;
    this.#directions = STARTING;
    const onProgress = (progress: Progress): void => {
      if (stamp === this.#latest) this.#directions = { kind: 'loading', progress };
    };
    try {
      const directions = await this.#client.directions(onProgress);
      if (stamp === this.#latest) this.#directions = ready(directions);
    } catch (caught) {
      const error = asLabError(caught);
      if (stamp !== this.#latest) return;
      this.#directions = error.code === 'interrupted' ? IDLE : { kind: 'failed', error };
    }
  }
}
