/** Maps the rows of stacked prompt sets to classes. It is the same for every checkpoint, so it is built once. */
import type { Prompt } from '../../../formats/prompts/prompt-set.ts';
import { ClassOrder, type ClassRange } from '../../../core/kernels/class-order.ts';
import { GENERAL, NEGATIVE } from '../../../formats/study/study-results.ts';
import { classesOf, classOf } from '../plan/class-names.ts';
import type { StudySet } from '../plan/study-set.ts';

export class RowIndex {
  readonly sets: readonly StudySet[];
  readonly prompts: readonly Prompt[]; // prompts of all sets, concatenated
  readonly negatives: Uint32Array; // rows without the concept
  readonly categories: readonly string[]; // classes of the rows with the concept
  readonly #positives = new Map<string, Uint32Array>(); // by category, and `general`

  #classes: ClassOrder | null = null;

  constructor(sets: readonly StudySet[]) {
    this.sets = sets;
    this.prompts = sets.flatMap(({ prompts }) => prompts);
    this.categories = classesOf(this.prompts);
    this.negatives = this.#rows(({ label }) => label === 'safe');
  }

  /** Rows of a category, of all categories for `general`, or of `negative`. Empty if there are none. */
  positives(name: string): Uint32Array {
    if (name === NEGATIVE) return this.negatives;
    const known = this.#positives.get(name);
    if (known !== undefined) return known;
    const rows = this.#rows((prompt) => prompt.label === 'harmful' && (name === GENERAL || classOf(prompt) === name));
    this.#positives.set(name, rows);
    return rows;
  }

  /** `negative` and the categories that have rows. */
  get classes(): ClassOrder {
    this.#classes ??= this.#order();
    return this.#classes;
  }

  /** The range of a direction's class, or of `negative`, among these classes; `general` covers all categories. */
  range(name: string): ClassRange {
    const [first = name] = this.categories;
    return name === GENERAL ? { first, last: this.categories.at(-1) ?? name } : { first: name, last: name };
  }

  /** Whether a direction of that name can be tested on these prompts. */
  has(name: string): boolean {
    return this.negatives.length > 0 && this.positives(name).length > 0;
  }

  /** Rows of statements with that label. */
  statements(label: 'true' | 'false'): Uint32Array {
    return this.#rows((prompt) => prompt.label === label);
  }

  #order(): ClassOrder {
    const named = [NEGATIVE, ...this.categories].map((name) => [name, this.positives(name)] as const);
    return new ClassOrder(new Map(named.filter(([, rows]) => rows.length > 0)), NEGATIVE);
  }

  #rows(isWanted: (prompt: Prompt) => boolean): Uint32Array {
    return Uint32Array.from(this.prompts.flatMap((prompt, row) => (isWanted(prompt) ? [row] : [])));
  }
}

/** Some of the scores, copied. */
export function takeScores(scores: Float64Array | Float32Array, rows: Uint32Array): Float64Array {
  const taken = new Float64Array(rows.length); // a loop, because `from` with a mapping takes ten times as long and this runs a million times per study
  for (let place = 0; place < rows.length; place++) taken[place] = scores[rows[place] as number] as number;
  return taken;
}
