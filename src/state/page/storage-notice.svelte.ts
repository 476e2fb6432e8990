/** Whether a worker of the lab found that this browser keeps nothing, so that all of it is gone with the page. */

const MEMORY_ONLY = 'harmscope-memory-only'; // the channel of src/sources/indexed-db.ts

/** The part of BroadcastChannel that is needed. */
export interface NoticeChannel {
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

export class StorageNotice {
  #reason = $state<string | null>(null);
  #isDismissed = $state(false);

  constructor(channel: NoticeChannel = new BroadcastChannel(MEMORY_ONLY)) {
    channel.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') this.#reason ??= data;
    });
  }

  /** Why nothing is kept; null: it is, as far as is known, or somebody has read it. */
  get reason(): string | null {
    return this.#isDismissed ? null : this.#reason;
  }

  dismiss(): void {
    this.#isDismissed = true;
  }
}
