/** The order in which prompts are read as directions grow: a balanced sample first, then category by category. */
import { createRandom } from '../../core/sampling/random.ts';
import type { Prompt } from '../../formats/prompts/prompt-set.ts';

/** A prompt of either set, by its index there. */
export interface OrderedPrompt {
  readonly set: 'train' | 'test';
  readonly index: number;
}

/** Harmful prompts, and as many safe ones, that the first directions are made of; then as many held-out ones of each. */
export const FIRST_PER_CLASS = 16;

const PER_TURN = { train: 8, test: 4 } as const; // prompts of a category, and of the safe class, in one turn
const SEED = 1;

/**
 * All training prompts, and up to `mostHeldOut` held-out ones. The sets are shuffled by a fixed seed, so that the first prompts of a
 * class are a sample of it and every machine reads the same ones first.
 */
export function growthOrder(train: readonly Prompt[], test: readonly Prompt[], mostHeldOut: number): OrderedPrompt[] {
  const queues = { train: new ClassQueues(train), test: new ClassQueues(test) };
  const order: OrderedPrompt[] = [];
  const room = (): number => mostHeldOut - heldOut;
  let heldOut = 0;
  const take = (set: 'train' | 'test', name: string, most: number): void => {
    const indices = queues[set].take(name, set === 'test' ? Math.min(most, room()) : most);
    if (set === 'test') heldOut += indices.length;
    for (const index of indices) order.push({ set, index });
  };
  const { categories } = queues.train;
  for (const set of ['train', 'test'] as const) {
    for (let i = 0; i < FIRST_PER_CLASS; i++) {
      const open = categories.filter((name) => queues[set].left(name) > 0);
      const next = open[i % Math.max(1, open.length)];
      if (next !== undefined) take(set, next, 1);
      take(set, 'safe', 1);
    }
  }
  while (queues.train.anyLeft || (queues.test.anyLeft && room() > 0)) {
    const before = order.length;
    for (const name of [...categories, ...queues.test.categories.filter((other) => !categories.includes(other))]) {
      for (const set of ['train', 'test'] as const) {
        take(set, name, PER_TURN[set]);
        take(set, 'safe', PER_TURN[set]);
      }
    }
    if (categories.length === 0) for (const set of ['train', 'test'] as const) take(set, 'safe', PER_TURN[set]);
    if (order.length === before) break;
  }
  return order;
}

/** What a prompt counts as: `safe`, or its harm. Null: in neither class. */
export function classOf({ label, category }: Prompt): string | null {
  if (label === 'safe') return 'safe';
  return label === 'harmful' ? category : null;
}

/** The prompts of a set by class, shuffled. */
class ClassQueues {
  readonly #queues = new Map<string, number[]>();

  constructor(prompts: readonly Prompt[]) {
    for (const [index, prompt] of prompts.entries()) {
      const name = classOf(prompt);
      if (name === null) continue;
      const queue = this.#queues.get(name) ?? [];
      queue.push(index);
      this.#queues.set(name, queue);
    }
    const random = createRandom(SEED);
    for (const name of [...this.#queues.keys()].sort()) shuffle(this.#queues.get(name) ?? [], random);
  }

  get categories(): string[] {
    return [...this.#queues.keys()].filter((name) => name !== 'safe').sort();
  }

  get anyLeft(): boolean {
    return [...this.#queues.values()].some(({ length }) => length > 0);
  }

  left(name: string): number {
    return this.#queues.get(name)?.length ?? 0;
  }

  take(name: string, most: number): number[] {
    return this.#queues.get(name)?.splice(0, most) ?? [];
  }
}

/** Fisher and Yates, in place. */
function shuffle(values: number[], random: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [values[i], values[other]] = [values[other] as number, values[i] as number];
  }
}
