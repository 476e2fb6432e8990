/** The prompt sets that directions are computed from. */
import { DIRECTION_SETS, isBuiltInSet } from '../../core/built-in-sets.ts';
import { LabError } from '../../core/errors.ts';
import { remember } from '../../core/memoise.ts';
import { shown } from '../../core/text/quote.ts';
import { createRandom } from '../../core/sampling/random.ts';
import type { Prompt } from '../../formats/prompts/prompt-set.ts';

import type { PromptSets } from './direction-growth.ts';
import { classOf } from './growth-order.ts';

/** Where sets come from. */
export interface DirectionSetPlaces {
  builtIn(files: { readonly train: string; readonly test: string }): Promise<PromptSets>;
  own(id: string): Promise<{ readonly prompts: readonly Prompt[]; readonly digest: string }>;
}

/** Reads every set once; again after a failure. */
export class DirectionSets {
  readonly #places: DirectionSetPlaces;
  readonly #known = new Map<string, Promise<PromptSets>>();

  constructor(places: DirectionSetPlaces) {
    this.#places = places;
  }

  open(id: string): Promise<PromptSets> {
    return remember(this.#known, id, () => {
      const reading = openDirectionSet(this.#places, id);
      reading.catch(() => this.#known.delete(id));
      return reading;
    });
  }
}

/** A built-in set, or one of the visitor's by its id. @throws LabError `not-found` where this browser has no such set */
export async function openDirectionSet(places: DirectionSetPlaces, id: string): Promise<PromptSets> {
  if (isBuiltInSet(id)) return places.builtIn(DIRECTION_SETS[id]);
  const { prompts, digest } = await places.own(id).catch((cause: unknown) => {
    const problem = `The prompt set “${shown(id)}” is not saved in this browser.`;
    throw new LabError('not-found', problem, 'Choose another set, or import it on the Prompts page.', { cause });
  });
  return { ...splitSet(prompts), digest };
}

const HELD_OUT_SHARE = 4; // one in so many
const SEED = 2;

/** By its own splits `train` and `test` where it has both; else a quarter of each class is held out, drawn by a fixed seed. */
export function splitSet(prompts: readonly Prompt[]): Pick<PromptSets, 'train' | 'test'> {
  const of = (split: string): Prompt[] => prompts.filter((prompt) => prompt.split === split);
  const [train, test] = [of('train'), of('test')];
  if (hasBoth(train) && hasBoth(test)) return { train, test };
  const random = createRandom(SEED);
  const order = prompts.map((prompt) => ({ prompt, key: random() })).sort((a, b) => a.key - b.key);
  const seen = new Map<string, number>();
  const isHeldOut = (prompt: Prompt): boolean => {
    const name = classOf(prompt) ?? '';
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count % HELD_OUT_SHARE === 1; // the first of a class is trained on
  };
  const drawn = order.map(({ prompt }) => ({ prompt, heldOut: isHeldOut(prompt) }));
  const taken = (heldOut: boolean): Prompt[] =>
    drawn.filter((one) => one.heldOut === heldOut).map(({ prompt }) => prompt);
  return { train: taken(false), test: taken(true) };
}

const hasBoth = (prompts: readonly Prompt[]): boolean =>
  (['harmful', 'safe'] as const).every((label) => prompts.some((prompt) => prompt.label === label));
