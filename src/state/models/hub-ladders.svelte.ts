import { asLabError, LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { LibraryClient } from '../../rpc/clients.ts';
import type { HubAccess, LadderOutline } from '../../labs/models/models-messages.ts';
import type { PickedCheckpoint } from '../../labs/models/ladder-picks.ts';
import { keptPicks, writePicks, type PickStorage } from './saved-picks.ts';
import { IDLE, ready, STARTING, valueOf, type Async } from '../page/async.ts';

export type { LadderOutline, PickedCheckpoint };

/** The ladders of the Hub: what they are is known, which branches they come to is asked when somebody wants to know. */
export class HubLadders {
  readonly #client: LibraryClient;
  #outlines = $state.raw<Async<readonly LadderOutline[]>>(IDLE);
  #picks = $state.raw<Readonly<Record<string, Async<readonly PickedCheckpoint[]>>>>({});
  #edits = $state.raw<Readonly<Record<string, readonly PickedCheckpoint[]>>>({}); // ladder → what its rule came to
  #waiting = $state<string | null>(null);
  readonly #storage: PickStorage | null;

  /** `storage` keeps lists that were changed; without it they last for this visit. */
  constructor(client: LibraryClient, storage: PickStorage | null = null) {
    this.#client = client;
    this.#storage = storage;
    for (const [id, { picks, rule }] of Object.entries(keptPicks(storage))) {
      this.#picks = { ...this.#picks, [id]: ready(picks) };
      this.#edits = { ...this.#edits, [id]: rule };
    }
  }

  get outlines(): Async<readonly LadderOutline[]> {
    return this.#outlines;
  }
  get waiting(): string | null {
    return this.#waiting;
  }

  /** Repositories that a visitor may mean. */
  readonly repos = $derived.by(() => {
    const all = (valueOf(this.#outlines) ?? []).flatMap((outline) => outline.repos);
    return all.filter((repo, index) => all.indexOf(repo) === index);
  });

  picksOf(id: string): Async<readonly PickedCheckpoint[]> {
    return this.#picks[id] ?? IDLE;
  }

  /** Whether a visitor changed what the ladder's rule came to, now or in an earlier visit. */
  isEdited(id: string): boolean {
    return this.#edits[id] !== undefined;
  }

  /** Takes every change to a ladder's list back. Asks nobody. */
  revert(id: string): void {
    const { [id]: rule, ...others } = this.#edits;
    if (rule === undefined) return;
    this.#edits = others;
    this.#set(id, ready(rule));
    this.#keep();
  }

  async load(): Promise<void> {
    try {
      this.#outlines = ready(await this.#client.ladders());
    } catch (error) {
      this.#outlines = { kind: 'failed', error: asLabError(error) };
    }
  }

  /** Takes in a ladder or list of the visitor's own, in place of one of the same name. Throws what is wrong with it. */
  async addOwn(file: File): Promise<void> {
    const outline = await this.#client.addLadder(file.name, await file.text());
    const others = (valueOf(this.#outlines) ?? []).filter(({ id }) => id !== outline.id);
    this.#outlines = ready([...others, outline]);
    this.#set(outline.id, IDLE);
  }

  async pick(id: string, access: HubAccess): Promise<void> {
    this.#set(id, STARTING);
    try {
      const picks = await this.#client.pickLadder(id, access, (waiting) => (this.#waiting = waiting));
      this.#set(id, ready(picks));
    } catch (error) {
      this.#set(id, { kind: 'failed', error: asLabError(error) });
    }
    this.#waiting = null;
  }

  remove(id: string, removed: PickedCheckpoint): void {
    this.#edit(id, (picks) => picks.filter((pick) => pick !== removed));
  }

  /** Adds a revision at the end of a ladder, at the commit that it stands for now. Throws what the Hub says against it. */
  async add(id: string, repo: string, revision: string, access: HubAccess): Promise<void> {
    const refs = await this.#client.refs(repo, access, (waiting) => (this.#waiting = waiting));
    const commit = refs.find(({ name }) => name === revision)?.commit;
    if (commit === undefined) {
      const nextStep = 'Check its spelling against the list of branches and tags.';
      throw new LabError('not-found', `${shown(repo)} has no revision “${shown(revision)}”.`, nextStep);
    }
    const added: PickedCheckpoint = { repo, revision, commit, stage: null, step: null, tokens: null };
    const isSame = (pick: PickedCheckpoint): boolean => pick.repo === repo && pick.revision === revision;
    this.#edit(id, (picks) => (picks.some(isSame) ? picks : [...picks, added]));
  }

  #edit(id: string, change: (picks: readonly PickedCheckpoint[]) => readonly PickedCheckpoint[]): void {
    const picks = valueOf(this.picksOf(id));
    if (picks === null) return;
    const changed = change(picks);
    if (changed === picks) return;
    this.#edits = { ...this.#edits, [id]: this.#edits[id] ?? picks };
    this.#set(id, ready(changed));
    this.#keep();
  }

  #keep(): void {
    const lists = Object.entries(this.#edits).map(([id, rule]) => {
      return [id, { rule, picks: valueOf(this.picksOf(id)) ?? rule }] as const;
    });
    writePicks(this.#storage, Object.fromEntries(lists));
  }

  #set(id: string, picks: Async<readonly PickedCheckpoint[]>): void {
    this.#picks = { ...this.#picks, [id]: picks };
  }
}
