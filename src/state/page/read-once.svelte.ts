import { asLabError } from '../../core/errors.ts';
import { IDLE, ready, STARTING, type Async } from './async.ts';

/** Something that does not change while the page is open: read when it is first asked for, and anew only where that failed. */
export class ReadOnce<T> {
  readonly #read: () => Promise<T>;
  #state = $state.raw<Async<T>>(IDLE);
  #reading: Promise<T> | null = null;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  get state(): Async<T> {
    return this.#state;
  }

  /** Rejects with `LabError`, which `state` then holds too. */
  read(): Promise<T> {
    this.#reading ??= this.#readAnew();
    return this.#reading;
  }

  async #readAnew(): Promise<T> {
    this.#state = STARTING;
    try {
      const value = await this.#read();
      this.#state = ready(value);
      return value;
    } catch (caught) {
      const error = asLabError(caught);
      this.#state = { kind: 'failed', error };
      this.#reading = null;
      throw error;
    }
  }
}
