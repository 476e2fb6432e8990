import { asLabError, type LabError } from '../../core/errors.ts';
import type { PromptsClient } from '../../rpc/clients.ts';
import type { HubAccess } from '../../labs/models/models-messages.ts';
import type {
  ImportRequest,
  PromptProgress,
  PublishedOutline,
  RewrittenSetRequest,
  SetOutline,
} from '../../labs/prompts/prompt-messages.ts';
import type { OnPromptProgress } from '../../labs/prompts/prompt-library-parts.ts';
import type { PromptSetRef } from '../../formats/prompts/saved-prompt-set.ts';
import { IDLE, ready, STARTING, valueOf, type Async } from '../page/async.ts';
import { refKey } from './prompt-labels.ts';

export type { SetOutline };

/** The one thing that the page does for the visitor at a time. */
export type PromptJob =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly title: string; readonly progress: PromptProgress | null; readonly stopping: boolean } // prettier-ignore
  | { readonly kind: 'done'; readonly title: string; readonly undoable: boolean }
  | { readonly kind: 'stopped'; readonly title: string }
  | { readonly kind: 'failed'; readonly title: string; readonly error: LabError };

/** Every set that there is, the one that is looked at, and what is being added or taken away. */
export class PromptSets {
  readonly #client: PromptsClient;
  readonly #download: (file: File) => void;
  #builtIn = $state.raw<Async<readonly SetOutline[]>>(IDLE);
  #own = $state.raw<Async<readonly SetOutline[]>>(IDLE);
  #published = $state.raw<Async<readonly PublishedOutline[]>>(IDLE);
  #selected = $state.raw<PromptSetRef | null>(null);
  #job = $state.raw<PromptJob>(IDLE);

  constructor(client: PromptsClient, download: (file: File) => void) {
    this.#client = client;
    this.#download = download;
  }

  get builtIn(): Async<readonly SetOutline[]> {
    return this.#builtIn;
  }
  get own(): Async<readonly SetOutline[]> {
    return this.#own;
  }
  get published(): Async<readonly PublishedOutline[]> {
    return this.#published;
  }
  get job(): PromptJob {
    return this.#job;
  }
  get busy(): boolean {
    return this.#job.kind === 'running';
  }

  readonly all = $derived.by(() => [...(valueOf(this.#own) ?? []), ...(valueOf(this.#builtIn) ?? [])]);

  /** The set that is looked at: the one chosen, else the first that the lab is shipped with. */
  readonly selected = $derived.by((): SetOutline | null => {
    const wanted = this.#selected;
    const chosen = wanted === null ? undefined : this.all.find(({ ref }) => refKey(ref) === refKey(wanted));
    return chosen ?? valueOf(this.#builtIn)?.[0] ?? null;
  });

  select(ref: PromptSetRef): void {
    this.#selected = ref;
  }

  /** Reads what there is, once. */
  async load(): Promise<void> {
    if (this.#builtIn.kind === 'loading' || this.#builtIn.kind === 'ready') return;
    this.#builtIn = this.#own = this.#published = STARTING;
    const settled = async <T>(job: Promise<T>): Promise<Async<T>> => {
      try {
        return ready(await job);
      } catch (error) {
        return { kind: 'failed', error: asLabError(error) };
      }
    };
    [this.#own, this.#builtIn, this.#published] = await Promise.all([
      settled(this.#client.own()),
      settled(this.#client.builtIn()),
      settled(this.#client.published()),
    ]);
  }

  async reload(): Promise<void> {
    try {
      this.#own = ready(await this.#client.own());
    } catch (error) {
      this.#own = { kind: 'failed', error: asLabError(error) };
    }
  }

  /** Resolves to whether it is kept. */
  importFile(request: ImportRequest): Promise<boolean> {
    return this.#keep(`${request.name}: imported`, (onProgress) => this.#client.importFile(request, onProgress));
  }

  fetchPublished({ id, name }: PublishedOutline, access: HubAccess): Promise<boolean> {
    return this.#keep(`${name}: fetched`, (onProgress) => this.#client.fetchPublished({ id, access }, onProgress));
  }

  keepRewrites(request: RewrittenSetRequest): Promise<boolean> {
    return this.#keep(`${request.name}: saved`, () => this.#client.keepRewrites(request));
  }

  removeDuplicates(set: SetOutline, kind: 'exact' | 'near'): Promise<boolean> {
    const { ref } = set;
    if (ref.kind !== 'own') return Promise.resolve(false);
    const work = (onProgress: OnPromptProgress): Promise<SetOutline> =>
      this.#client.removeDuplicates(ref.id, kind, onProgress);
    return this.#keep(`${set.name}: duplicates removed`, work, true);
  }

  async rename({ ref }: SetOutline, name: string): Promise<void> {
    if (ref.kind !== 'own') return;
    await this.#run('Renamed', () => this.#client.rename(ref.id, name), false);
  }

  async remove({ ref, name }: SetOutline): Promise<void> {
    if (ref.kind !== 'own') return;
    await this.#run(`${name}: deleted`, () => this.#client.remove(ref.id), true);
  }

  async undo(): Promise<void> {
    if (this.#job.kind !== 'done' || !this.#job.undoable) return;
    await this.#run('Undone', () => this.#client.undo(), false);
  }

  async exportSet({ ref, name }: SetOutline, format: 'jsonl' | 'csv'): Promise<void> {
    await this.#run(`${name}: exported`, async () => this.#download(await this.#client.exportSet(ref, format)), false);
  }

  /** Stops what runs; what was there is there still. */
  async stop(): Promise<void> {
    if (this.#job.kind !== 'running') return;
    this.#job = { ...this.#job, stopping: true };
    await this.#client.interrupt();
  }

  dismiss(): void {
    if (!this.busy) this.#job = IDLE;
  }

  /** A job that ends in a set to look at. */
  #keep(
    title: string,
    work: (onProgress: OnPromptProgress) => Promise<SetOutline>,
    undoable = false,
  ): Promise<boolean> {
    const select = async (onProgress: OnPromptProgress): Promise<void> => {
      const { ref } = await work(onProgress);
      this.#selected = ref;
    };
    return this.#run(title, select, undoable);
  }

  async #run(
    title: string,
    work: (onProgress: OnPromptProgress) => Promise<unknown>,
    undoable: boolean,
  ): Promise<boolean> {
    if (this.busy) return false;
    this.#job = { kind: 'running', title: title.replace(/: \w+( \w+)?$/, ''), progress: null, stopping: false };
    const onProgress = (progress: PromptProgress): void => {
      if (this.#job.kind === 'running') this.#job = { ...this.#job, progress };
    };
    let end: PromptJob = { kind: 'done', title, undoable };
    try {
      await work(onProgress);
    } catch (caught) {
      const error = asLabError(caught);
      end =
        error.code === 'interrupted' ? { kind: 'stopped', title: this.#job.title } : { kind: 'failed', title, error };
    }
    await this.reload();
    this.#job = end;
    return end.kind === 'done';
  }
}
