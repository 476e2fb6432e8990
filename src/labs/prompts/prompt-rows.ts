/** A set's prompts, one page at a time, each with the prompt that it rewrites and the prompts that rewrite it. */
import type { Label, Prompt } from '../../formats/prompts/prompt-set.ts';

export interface RowQuery {
  readonly search: string; // part of the text, or the id, ignoring case; '' matches everything
  readonly label: Label | null;
  readonly category: string | null;
  readonly split: string | null;
  readonly offset: number;
  readonly limit: number;
}

export interface PromptRow extends Prompt {
  readonly source: string | null; // text of the prompt that this one rewrites
  readonly rewrites: readonly string[]; // texts of the prompts that rewrite this one
}

export interface RowPage {
  readonly found: number; // matching rows on all pages
  readonly rows: readonly PromptRow[];
}

/** Finds rows in one set. `others`: the sets that may contain its sources and rewrites. */
export class PromptRows {
  readonly #prompts: readonly Prompt[];
  readonly #texts = new Map<string, string>(); // text by prompt id
  readonly #rewrites = new Map<string, string[]>(); // texts by the id of the prompt that they rewrite

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
