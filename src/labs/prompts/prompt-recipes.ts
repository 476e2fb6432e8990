/**
 * Turns labelled rows into a prompt set: removes duplicates, draws a sample of each category and assigns splits. Pure: the same rows,
 * recipe and seed give the same prompts on every machine.
 */
import { textDraw } from '../../core/sampling/text-draw.ts';
import type { LabelledRow } from '../../formats/prompts/labelled-row.ts';
import type { PromptRecipe } from '../../formats/prompts/prompt-recipe.ts';
import type { Label, Prompt } from '../../formats/prompts/prompt-set.ts';

export interface SampleOptions {
  readonly seed: number; // integer from 0 to 2³² − 1
  readonly limit?: number; // maximum number of prompts, drawn by the seed; default: all
}

interface Reading {
  readonly label: Label;
  readonly category: string;
  rows: number;
}

/** A text, and the labels and categories that its rows give it. */
interface Candidate {
  readonly id: string;
  readonly text: string;
  readonly readings: Reading[]; // in order of first appearance
}

/**
 * Takes rows one by one and stores each text once, so that 330,000 rows of 17,000 prompts fit in memory. If the rows of a text
 * disagree, it gets the label and category of most of them, or of the first in a tie: in BeaverTails a label belongs to a pair of
 * prompt and answer, and one prompt has many answers.
 */
export class PromptCandidates {
  readonly #recipe: PromptRecipe;
  readonly #candidates = new Map<string, Candidate>();

  constructor(recipe: PromptRecipe) {
    this.#recipe = recipe;
  }

  get size(): number {
    return this.#candidates.size;
  }

  /** Adds a row. `file` counts from 0; together with the row it makes the id, which points back to the published file. */
  add({ row, text, label, category }: LabelledRow, file: number, files: number): void {
    const known = this.#candidates.get(text);
    if (known === undefined) {
      const id = [this.#recipe.id, ...(files > 1 ? [file + 1] : []), row].join('-');
      this.#candidates.set(text, { id, text, readings: [{ label, category, rows: 1 }] });
      return;
    }
    const reading = known.readings.find((other) => other.label === label && other.category === category);
    if (reading === undefined) known.readings.push({ label, category, rows: 1 });
    else reading.rows++;
  }

  /** The sample, in the order of the texts' first appearance. */
  sample({ seed, limit = Infinity }: SampleOptions): Prompt[] {
    const { perCategory, splits } = this.#recipe;
    const byCategory = new Map<string, DrawnPrompt[]>();
    for (const [order, { id, text, readings }] of [...this.#candidates.values()].entries()) {
      const { label, category } = readings.reduce((most, reading) => (reading.rows > most.rows ? reading : most));
      const drawn = byCategory.get(category) ?? [];
      byCategory.set(category, drawn);
      drawn.push({ order, draw: textDraw(seed, text), prompt: { id, text, label, category } });
    }
    const chosen = [...byCategory.values()].flatMap((drawn) =>
      assignSplits(drawn.sort(byDraw).slice(0, perCategory ?? drawn.length), splits, seed),
    );
    const limited = chosen.sort(byDraw).slice(0, limit);
    return limited.sort((a, b) => a.order - b.order).map(({ prompt, split }) => ({ ...prompt, split }));
  }
}

interface DrawnPrompt {
  readonly order: number; // position among all texts
  readonly draw: number; // in [0, 1)
  readonly prompt: Omit<Prompt, 'split'>;
}

const byDraw = (a: DrawnPrompt, b: DrawnPrompt): number => a.draw - b.draw || a.order - b.order;

const SPLIT_DRAW = 0x5b1c; // makes the draw for splits independent of the one for the sample; otherwise a limit would favour the first split

/** Splits the prompts of a category in the recipe's proportions, with its own draw. */
function assignSplits(
  drawn: readonly DrawnPrompt[],
  splits: ReadonlyMap<string, number>,
  seed: number,
): (DrawnPrompt & { readonly split: string })[] {
  const ends: (readonly [string, number])[] = [];
  let share = 0;
  for (const [name, part] of splits) {
    share += part;
    ends.push([name, Math.round(share * drawn.length)]);
  }
  const last = ends.at(-1)?.[0] ?? '';
  const places = drawn.map((entry) => ({ entry, draw: textDraw(seed ^ SPLIT_DRAW, entry.prompt.text) }));
  places.sort((a, b) => a.draw - b.draw || a.entry.order - b.entry.order);
  return places.map(({ entry }, index) => ({ ...entry, split: ends.find(([, end]) => index < end)?.[0] ?? last }));
}
