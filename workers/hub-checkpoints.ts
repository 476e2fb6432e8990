/** Checkpoints of the Hub, as a study names them: opened and fetched on a thread of their own, each pinned once. */
import { LabError } from '../src/core/errors.ts';
import type { CheckpointOpener } from '../src/labs/models/checkpoint-opener.ts';
import type { PinnedCheckpoint } from '../src/labs/extraction/ladder-units.ts';
import type { HubAccess } from '../src/labs/models/models-messages.ts';
import type { LadderRef } from '../src/labs/models/checkpoint-ref.ts';
import { openCheckpoints } from './checkpoint-thread.ts';

export class HubCheckpoints {
  readonly #opened = new Map<string, Promise<PinnedCheckpoint>>();
  #thread: { readonly opener: CheckpointOpener; readonly stop: AbortController } | null = null;
  #access: HubAccess | null = null; // null: nobody is asked

  /** Which Hub is asked from now on, and as whom. */
  use(access: HubAccess): void {
    this.close();
    this.#access = access;
  }

  /** Its files and commit; a failure is forgotten, so that a retry can succeed. */
  async open(source: LadderRef): Promise<PinnedCheckpoint> {
    if (source.kind !== 'hub')
      throw new LabError('internal', `${source.ladder} is no ladder of the Hub.`, 'Report it.');
    const key = `${source.repo}@${source.commit ?? source.revision}`;
    const known = this.#opened.get(key) ?? this.#opener().open(source);
    this.#opened.set(key, known);
    known.catch(() => this.#opened.delete(key));
    return known;
  }

  /** Ends the thread and forgets what was opened on it. */
  close(): void {
    this.#thread?.stop.abort();
    this.#thread?.opener.close();
    this.#thread = null;
    this.#opened.clear();
  }

  #opener(): CheckpointOpener {
    if (this.#access === null) {
      throw new LabError('bad-request', 'The Hub is not contacted before the study runs.', 'Run the study.');
    }
    if (this.#thread === null) {
      const stop = new AbortController();
      const forget = (): void => {
        if (this.#thread?.stop === stop) this.close(); // what was opened on it can be read no more
      };
      this.#thread = { opener: openCheckpoints(this.#access, stop.signal, () => undefined, forget), stop };
    }
    return this.#thread.opener;
  }
}
