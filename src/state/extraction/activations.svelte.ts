import { asLabError, type LabError } from '../../core/errors.ts';
import type { LibraryClient } from '../../rpc/clients.ts';
import type { ActivationSet } from '../../labs/extraction/extraction-messages.ts';
import { IDLE, ready, STARTING, type Async } from '../page/async.ts';

export type { ActivationSet };

/** The activations that this browser keeps. */
export class Activations {
  readonly #client: LibraryClient;
  readonly #download: (file: File) => void;
  #sets = $state.raw<Async<readonly ActivationSet[]>>(IDLE);
  #error = $state.raw<LabError | null>(null);
  #saving = $state<string | null>(null);
  #latest = 0; // stamp of the newest list

  constructor(client: LibraryClient, download: (file: File) => void) {
    this.#client = client;
    this.#download = download;
  }

  get sets(): Async<readonly ActivationSet[]> {
    return this.#sets;
  }
  /** Why the last one could not be saved or deleted. */
  get error(): LabError | null {
    return this.#error;
  }
  /** The id of the set whose file is being made. */
  get saving(): string | null {
    return this.#saving;
  }

  /** Reads what is kept; the list before stays until the new one is there. */
  async load(): Promise<void> {
    const stamp = ++this.#latest;
    if (this.#sets.kind !== 'ready') this.#sets = STARTING;
    try {
      const sets = await this.#client.activations();
      if (stamp === this.#latest) this.#sets = ready(sets);
    } catch (error) {
      if (stamp === this.#latest) this.#sets = { kind: 'failed', error: asLabError(error) };
    }
  }

  async remove({ id }: ActivationSet): Promise<void> {
    await this.#attempt(() => this.#client.removeActivations(id));
    await this.load();
  }

  /** Hands the visitor a safetensors file. */
  async save({ id }: ActivationSet): Promise<void> {
    this.#saving = id;
    await this.#attempt(async () => this.#download(await this.#client.activationsFile(id)));
    this.#saving = null;
    await this.load(); // reading them counts as a use
  }

  async #attempt(job: () => Promise<void>): Promise<void> {
    this.#error = null;
    try {
      await job();
    } catch (error) {
      this.#error = asLabError(error);
    }
  }
}
