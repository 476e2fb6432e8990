import { asLabError } from '../../core/errors.ts';
import type { PromptsClient } from '../../rpc/clients.ts';
import type { Label } from '../../formats/prompts/prompt-set.ts';
import type { PromptSetRef } from '../../formats/prompts/saved-prompt-set.ts';
import type { RowPage } from '../../labs/prompts/prompt-rows.ts';
import { IDLE, ready, STARTING, type Async } from '../page/async.ts';

export const PAGE_ROWS = 50;

export interface RowChoice {
  readonly search: string;
  readonly label: Label | null;
  readonly category: string | null;
  readonly split: string | null;
}

const NO_CHOICE: RowChoice = { search: '', label: null, category: null, split: null };

/** The rows of the set that is looked at, a page at a time. */
export class PromptBrowser {
  readonly #client: PromptsClient;
  #ref: PromptSetRef | null = null;
  #choice = $state.raw<RowChoice>(NO_CHOICE);
  #offset = $state(0);
  #page = $state.raw<Async<RowPage>>(IDLE);
  #latest = 0; // stamp of the newest request; answers to older ones are dropped

  constructor(client: PromptsClient) {
    this.#client = client;
  }

  get choice(): RowChoice {
    return this.#choice;
  }
  get offset(): number {
    return this.#offset;
  }
  get page(): Async<RowPage> {
    return this.#page;
  }

  /** Looks at a set from its beginning. */
  show(ref: PromptSetRef): Promise<void> {
    this.#ref = ref;
    this.#choice = NO_CHOICE;
    this.#page = STARTING;
    return this.turn(0);
  }

  choose(change: Partial<RowChoice>): Promise<void> {
    this.#choice = { ...this.#choice, ...change };
    return this.turn(0);
  }

  /** The page stays until the next one is there. */
  async turn(offset: number): Promise<void> {
    if (this.#ref === null) return;
    const stamp = ++this.#latest;
    this.#offset = offset;
    let page: Async<RowPage>;
    try {
      page = ready(await this.#client.rows(this.#ref, { ...this.#choice, offset, limit: PAGE_ROWS }));
    } catch (error) {
      page = { kind: 'failed', error: asLabError(error) };
    }
    if (stamp === this.#latest) this.#page = page;
  }
}
