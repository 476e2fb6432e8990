import { asLabError, type LabError } from '../../core/errors.ts';
import type { SteerClient } from '../../rpc/clients.ts';
import type { PromptsClient } from '../../rpc/clients.ts';
import type { ModelSummary } from '../../labs/steer/steer-messages.ts';
import type { AcceptedRewrite } from '../../labs/prompts/prompt-messages.ts';
import type { PromptRow } from '../../labs/prompts/prompt-rows.ts';
import type { PromptSetRef } from '../../formats/prompts/saved-prompt-set.ts';
import { valueOf, type Async } from '../page/async.ts';
import type { Lab } from '../steer/open-model.svelte.ts';

export interface OfferedRewrite {
  readonly id: string; // of the prompt
  readonly source: string;
  readonly text: string;
  readonly isWhole: boolean; // false: cut for its length
  readonly isAccepted: boolean;
}

const MAX_TOKENS = 96; // of a rewrite; prompts are shorter

/** Prompts of a set in the open model's words, each accepted or not. */
export class Rewriting {
  readonly #client: SteerClient;
  readonly #prompts: PromptsClient;
  readonly #lab: Lab;
  readonly #openModel: () => void;
  #offered = $state.raw<readonly OfferedRewrite[]>([]);
  #asked = $state(0);
  #running = $state(false);
  #error = $state.raw<LabError | null>(null);
  #writer = $state('');
  #latest = 0;

  /** `openModel` begins to open the model that is chosen for Steer. */
  constructor(client: SteerClient, prompts: PromptsClient, lab: Lab, openModel: () => void) {
    this.#client = client;
    this.#prompts = prompts;
    this.#lab = lab;
    this.#openModel = openModel;
  }

  get offered(): readonly OfferedRewrite[] {
    return this.#offered;
  }
  /** How many rewrites were asked for. */
  get asked(): number {
    return this.#asked;
  }
  get running(): boolean {
    return this.#running;
  }
  get error(): LabError | null {
    return this.#error;
  }
  /** The model that wrote what is offered. */
  get writer(): string {
    return this.#writer;
  }
  /** How the opening of a model stands. */
  get opening(): Async<ModelSummary> {
    return this.#lab.model;
  }
  /** The model that would write now, and whether it is shipped with the lab; null where none that chats is open. */
  readonly model = $derived.by(() => {
    const model = valueOf(this.#lab.model);
    return model?.chat === true ? { label: model.label, isBuiltIn: model.source.kind === 'built-in' } : null;
  });
  readonly accepted = $derived.by((): readonly AcceptedRewrite[] =>
    this.#offered.filter(({ isAccepted }) => isAccepted).map(({ id, text }) => ({ id, text })),
  );

  /** Nothing is opened before somebody asks for it here or visits Steer. */
  openModel(): void {
    this.#openModel();
  }

  forget(): void {
    if (this.#running) void this.stop();
    this.#latest++;
    [this.#offered, this.#asked, this.#error] = [[], 0, null];
  }

  /** Asks for `limit` prompts of a set from `offset` on, in other words. */
  async run(ref: PromptSetRef, offset: number, limit: number): Promise<void> {
    if (this.#running || this.model === null) return;
    const stamp = ++this.#latest;
    [this.#running, this.#offered, this.#error, this.#writer] = [true, [], null, this.model.label];
    try {
      const query = { search: '', label: null, category: null, split: null, offset, limit };
      const { rows } = await this.#prompts.rows(ref, query);
      this.#asked = rows.length;
      await this.#client.rewrite(
        { prompts: rows.map(({ id, text }) => ({ id, text })), maxTokens: MAX_TOKENS },
        (rewrite) => {
          if (stamp === this.#latest) this.#offer(rewrite, rows);
        },
      );
    } catch (caught) {
      const error = asLabError(caught);
      if (stamp === this.#latest && error.code !== 'interrupted') this.#error = error;
    }
    this.#running = false;
  }

  accept(id: string, isAccepted: boolean): void {
    this.#offered = this.#offered.map((offered) => (offered.id === id ? { ...offered, isAccepted } : offered));
  }

  acceptAll(isAccepted: boolean): void {
    this.#offered = this.#offered.map((offered) => ({ ...offered, isAccepted: isAccepted && offered.text !== '' }));
  }

  /** What is there stays. */
  async stop(): Promise<void> {
    if (this.#running) await this.#client.stop();
  }

  #offer({ id, text, isWhole }: Omit<OfferedRewrite, 'source' | 'isAccepted'>, rows: readonly PromptRow[]): void {
    const source = rows.find((row) => row.id === id)?.text ?? '';
    this.#offered = [...this.#offered, { id, source, text, isWhole, isAccepted: false }];
  }
}
