/** Reads prompt sets: built-in ones only once, and the rows of the last one stay in memory. */
import { builtInSetName } from '../../core/built-in-sets.ts';
import { append } from '../../core/statistics/min-max.ts';
import type { OwnPromptSet, OwnPromptSetSummary, PromptSetRef } from '../../formats/prompts/saved-prompt-set.ts';
import type { Prompt } from '../../formats/prompts/prompt-set.ts';
import { PromptRows } from './prompt-rows.ts';

export interface SetPlaces {
  readonly own: {
    list(): Promise<readonly OwnPromptSetSummary[]>;
    get(id: string): Promise<OwnPromptSet>;
  };
  /** Files of the built-in sets, in display order. */
  builtInFiles(): Promise<readonly string[]>;
  builtInSet(file: string): Promise<readonly Prompt[]>;
}

export class PromptSetReader {
  readonly #places: SetPlaces;
  readonly #builtIn = new Map<string, Promise<readonly Prompt[]>>();
  #open: { readonly key: string; readonly rows: Promise<PromptRows> } | null = null;

  constructor(places: SetPlaces) {
    this.#places = places;
  }

  /** @throws LabError `not-found`, when the set is not saved here */
  async prompts(ref: PromptSetRef): Promise<readonly Prompt[]> {
    return ref.kind === 'own' ? (await this.#places.own.get(ref.id)).prompts : this.#builtInSet(ref.file);
  }

  async summary(ref: PromptSetRef): Promise<OwnPromptSetSummary | null> {
    if (ref.kind === 'built-in') return null;
    return (await this.#places.own.list()).find(({ id }) => id === ref.id) ?? null;
  }

  async name(ref: PromptSetRef): Promise<string> {
    return ref.kind === 'built-in' ? builtInSetName(ref.file) : ((await this.summary(ref))?.name ?? ref.id);
  }

  rows(ref: PromptSetRef): Promise<PromptRows> {
    const key = JSON.stringify(ref);
    if (this.#open?.key === key) return this.#open.rows;
    const open = { key, rows: this.#readRows(ref) };
    this.#open = open;
    open.rows.catch(() => {
      if (this.#open === open) this.#open = null;
    });
    return open.rows;
  }

  /** Forgets the open set, because saved sets have changed and its sources or rewrites may have too. */
  forget(): void {
    this.#open = null;
  }

  #builtInSet(file: string): Promise<readonly Prompt[]> {
    const known = this.#builtIn.get(file);
    if (known !== undefined) return known;
    const loading = this.#places.builtInSet(file);
    this.#builtIn.set(file, loading);
    loading.catch(() => this.#builtIn.delete(file));
    return loading;
  }

  /** Reads a set with related ones: all built-in sets for a built-in one, and the sets that it rewrites or that rewrite it. */
  async #readRows(ref: PromptSetRef): Promise<PromptRows> {
    const summaries = await this.#places.own.list();
    const key = JSON.stringify(ref);
    const related: PromptSetRef[] = summaries
      .filter(({ sources }) => JSON.stringify(sources) === key)
      .map(({ id }) => ({ kind: 'own', id }));
    if (ref.kind === 'built-in') {
      const files = (await this.#places.builtInFiles()).filter((file) => file !== ref.file);
      append(
        related,
        files.map((file) => ({ kind: 'built-in', file }) as const),
      );
    } else {
      const sources = summaries.find(({ id }) => id === ref.id)?.sources ?? null;
      if (sources !== null) related.push(sources);
    }
    const others = await Promise.all(related.map((other) => this.prompts(other).catch(() => []))); // a related set may have been deleted
    return new PromptRows(await this.prompts(ref), others);
  }
}
