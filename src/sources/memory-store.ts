/**
 * Replaces IndexedDB where a browser refuses it, as in some private windows; values are lost when the page is closed. Threads that share
 * a store send each other every change, and a thread that starts later asks the others for their values.
 */

const ANSWER_MS = 300; // within this time, an idle thread has sent its values

type StoreMessage =
  | { readonly kind: 'set'; readonly entries: readonly (readonly [string, unknown])[] }
  | { readonly kind: 'delete'; readonly keys: readonly string[] }
  | { readonly kind: 'ask' };

/** The part of BroadcastChannel that is used. */
export interface Channel {
  postMessage(message: StoreMessage): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

export class MemoryStore implements ListedStore {
  readonly #values = new Map<string, unknown>();
  readonly #channel: Channel | null;
  readonly #ready: Promise<void>;

  /** `channel`: connects the threads that share the store; null: the store belongs to this thread. */
  constructor(channel: Channel | null = null) {
    this.#channel = channel;
    this.#ready = channel === null ? Promise.resolve() : this.#join(channel);
  }

  async keys(): Promise<readonly string[]> {
    await this.#ready;
    return [...this.#values.keys()];
  }

  /** Returns clones, as IndexedDB does: the reader may transfer the values to another thread. */
  async getMany(keys: readonly string[]): Promise<readonly unknown[]> {
    await this.#ready;
    return keys.map((key) => structuredClone(this.#values.get(key)));
  }

  async setMany(entries: readonly (readonly [string, unknown])[]): Promise<void> {
    await this.#ready;
    this.#set(structuredClone(entries));
    this.#channel?.postMessage({ kind: 'set', entries });
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    await this.#ready;
    for (const key of keys) this.#values.delete(key);
    this.#channel?.postMessage({ kind: 'delete', keys });
  }

  #set(entries: readonly (readonly [string, unknown])[]): void {
    for (const [key, value] of entries) this.#values.set(key, value);
  }

  async #join(channel: Channel): Promise<void> {
    channel.addEventListener('message', ({ data }) => {
      const message = data as StoreMessage;
      if (message.kind === 'set') this.#set(message.entries);
      else if (message.kind === 'delete') for (const key of message.keys) this.#values.delete(key);
      else if (this.#values.size > 0) channel.postMessage({ kind: 'set', entries: [...this.#values] });
    });
    channel.postMessage({ kind: 'ask' });
    await new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
  }
}

/** The same, of which the keys can be listed and several values change at once. Each call is one transaction. */
export interface ListedStore {
  keys(): Promise<readonly string[]>;
  getMany(keys: readonly string[]): Promise<readonly unknown[]>;
  setMany(entries: readonly (readonly [string, unknown])[]): Promise<void>;
  deleteMany(keys: readonly string[]): Promise<void>;
}
