/**
 * What takes IndexedDB's place where a browser refuses it, as in some private windows: kept until the page is closed. Threads that need
 * one another's values hand them on as they change; one that starts later asks the others for theirs.
 */

const ANSWER_MS = 300; // in which another thread that is not busy has handed on what it has

type Handed =
  | { readonly kind: 'set'; readonly entries: readonly (readonly [string, unknown])[] }
  | { readonly kind: 'delete'; readonly keys: readonly string[] }
  | { readonly kind: 'ask' };

/** The part of BroadcastChannel that is needed. */
export interface Channel {
  postMessage(message: Handed): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

export class MemoryStore implements ListedStore {
  readonly #values = new Map<string, unknown>();
  readonly #channel: Channel | null;
  readonly #ready: Promise<void>;

  /** `channel`: to the other threads that share the store; null: it is this thread's alone. */
  constructor(channel: Channel | null = null) {
    this.#channel = channel;
    this.#ready = channel === null ? Promise.resolve() : this.#join(channel);
  }

  async keys(): Promise<readonly string[]> {
    await this.#ready;
    return [...this.#values.keys()];
  }

  /** Clones, as IndexedDB does: what was read may be passed on to another thread. */
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
      const handed = data as Handed;
      if (handed.kind === 'set') this.#set(handed.entries);
      else if (handed.kind === 'delete') for (const key of handed.keys) this.#values.delete(key);
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
