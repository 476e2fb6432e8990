/** A set's prompts a page at a time, each beside what it rewrites and what rewrites it. */
import type { Label, Prompt } from '../../formats/prompts/prompt-set.ts';

export interface RowQuery {
  readonly search: string; // in text or id, letter case aside; '' finds all
  readonly label: Label | null;
  readonly category: string | null;
  readonly split: string | null;
  readonly offset: number;
  readonly limit: number;
}

export interface PromptRow extends Prompt {
  readonly source: string | null; // text of the prompt that this one rewrites
  readonly rewrites: readonly string[]; // texts that rewrite this one
}

export interface RowPage {
  readonly found: number; // rows that the query finds, on all pages
  readonly rows: readonly PromptRow[];
}

/** Finds rows in one set; `others` are those in which its sources and its rewrites may lie. */
export class PromptRows {
  readonly #prompts: readonly Prompt[];
  readonly #texts = new Map<string, string>(); // by id
  readonly #rewrites = new Map<string, string[]>(); // texts by the id of what they rewrite

  constructor(prompts: readonly Prompt[], others: readonly (readonly Prompt[])[]) {
    this.#prompts = prompts;
    for (const set of [prompts, ...others]) {
      for (const { id, text, rewriteOf } of set) {
        if (!this.#texts.has(id)) this.#texts.set(id, text);
        if (rewriteOf === undefined) continue;
        const known = this.#rewrites.get(rewriteOf);
        if (known === undefined) this.#rewrites.set(rewriteOf, [text]);
        else known.push(text);
      }
    }
  }

  get prompts(): readonly Prompt[] {
    return this.#prompts;
  }

  page({ search, label, category, split, offset, limit }: RowQuery): RowPage {
    const wanted = search.trim().toLowerCase();
    const found = this.#prompts.filter(
      (prompt) =>
        (label === null || prompt.label === label) &&
        (category === null || prompt.category === category) &&
        (split === null || prompt.split === split) &&
        (wanted === '' || prompt.text.toLowerCase().includes(wanted) || prompt.id.toLowerCase() === wanted),
    );
    const rows = found.slice(offset, offset + limit).map((prompt) => ({
      ...prompt,
      source: prompt.rewriteOf === undefined ? null : (this.#texts.get(prompt.rewriteOf) ?? null),
      rewrites: this.#rewrites.get(prompt.id) ?? [],
    }));
    return { found: found.length, rows };
  }
}
