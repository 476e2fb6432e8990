import { asLabError } from '../../core/errors.ts';
import type { PromptsClient } from '../../rpc/clients.ts';
import type { DuplicateKind, DuplicateReport } from '../../labs/prompts/prompt-duplicates.ts';
import type { PromptProgress } from '../../labs/prompts/prompt-messages.ts';
import type { PromptSetRef } from '../../formats/prompts/saved-prompt-set.ts';
import { IDLE, ready, type Async } from '../page/async.ts';

/** Whether a set says the same thing twice, or what another one says. */
export class PromptDuplicates {
  readonly #client: PromptsClient;
  #kind = $state<DuplicateKind>('near');
  #report = $state.raw<Async<DuplicateReport>>(IDLE);
  #progress = $state.raw<PromptProgress | null>(null);
  #latest = 0;

  constructor(client: PromptsClient) {
    this.#client = client;
  }

  get kind(): DuplicateKind {
    return this.#kind;
  }
  get report(): Async<DuplicateReport> {
    return this.#report;
  }
  /** Of the comparison under way. */
  get progress(): PromptProgress | null {
    return this.#progress;
  }

  forget(): void {
    this.#latest++;
    this.#report = IDLE;
  }

  choose(kind: DuplicateKind): void {
    this.#kind = kind;
    this.forget();
  }

  /** Compares the prompts of a set with one another, or with those of `other`. */
  async find(ref: PromptSetRef, other: PromptSetRef | null): Promise<void> {
    const stamp = ++this.#latest;
    this.#progress = null;
    this.#report = { kind: 'loading', progress: null };
    const onProgress = (progress: PromptProgress): void => {
      if (stamp === this.#latest) this.#progress = progress;
    };
    let report: Async<DuplicateReport>;
    try {
      report = ready(await this.#client.duplicates(ref, other, this.#kind, onProgress));
    } catch (caught) {
      const error = asLabError(caught);
      report = error.code === 'interrupted' ? IDLE : { kind: 'failed', error };
    }
    if (stamp === this.#latest) this.#report = report;
  }

  async stop(): Promise<void> {
    await this.#client.interrupt();
  }
}
