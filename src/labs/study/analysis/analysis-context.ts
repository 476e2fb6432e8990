/** What the analyses of all checkpoints share: the row indices and the random draws, so that only the activations differ. */
import { drawResamples, type Resamples } from '../../../core/statistics/bootstrap.ts';
import type { RowSplit } from '../../../core/kernels/kernel-classes.ts';
import { drawSwaps } from '../../../core/statistics/permutation.ts';
import { gaussian, createRandom, type Random } from '../../../core/sampling/random.ts';
import { textDraw } from '../../../core/sampling/text-draw.ts';
import type { StudyPlan } from '../../../formats/study/study-plan.ts';
import { GENERAL } from '../../../formats/study/study-results.ts';
import type { ResolvedStudy } from '../plan/resolved-study.ts';
import { setsOf } from '../plan/study-sets.ts';
import { remember } from '../../../core/memoise.ts';
import { RowIndex } from './row-index.ts';

export interface TestIndex {
  readonly name: string;
  readonly rows: RowIndex;
}

export class AnalysisContext {
  readonly study: ResolvedStudy;
  readonly layer: number;
  readonly train: RowIndex;
  readonly tests: readonly TestIndex[];
  readonly truth: TruthIndex | null;
  readonly #resamples = new Map<string, Resamples>();
  readonly #shuffled = new Map<string, RowSplit>();
  readonly #swaps = new Map<number, Uint8Array>();
  readonly #factors = new Map<number, Float64Array>();
  readonly #directions = new Map<string, Float64Array>();

  constructor(study: ResolvedStudy, layer: number) {
    const { plan, sets } = study;
    this.study = study;
    this.layer = layer;
    this.train = new RowIndex(setsOf(sets, plan.train));
    this.tests = plan.tests.map((test) => ({ name: test.name, rows: new RowIndex(setsOf(sets, test.sets)) }));
    this.truth = plan.truth === null ? null : truthIndex(new RowIndex(setsOf(sets, [plan.truth])), plan);
  }

  /** The tests compared across checkpoints. Each costs one comparison per pair of checkpoints, so out-of-distribution tests are left out. */
  get comparedTests(): readonly TestIndex[] {
    const roles = new Map(this.study.plan.tests.map(({ name, role }) => [name, role]));
    return this.tests.filter(({ name }) => roles.get(name) !== 'out-of-distribution');
  }

  /** Which prompts each permutation swaps: one set of draws for all pairs of checkpoints. */
  swaps(pairs: number, permutations: number): Uint8Array {
    return remember(this.#swaps, pairs, () => drawSwaps(pairs, permutations, this.random('permutations', pairs)));
  }

  /** The bootstrap draws for classes of these sizes, shared by all checkpoints, probes and directions. */
  resamples(positives: number, negatives: number): Resamples {
    return remember(this.#resamples, `${positives}/${negatives}`, () => {
      const random = this.random('bootstrap', positives, negatives);
      return drawResamples(positives, negatives, this.study.plan.resamples, random);
    });
  }

  /** The rows of both classes with shuffled labels: the same at every checkpoint for the same `use` and `repeat`. */
  shuffled(use: string, index: RowIndex, repeat: number): RowSplit {
    return remember(this.#shuffled, `${use}/${repeat}`, () => shuffledRows(index, this.random(use, repeat)));
  }

  /** The weight of each training row in the direction of shuffled labels, with unchanged class sizes. The weights sum to 0. */
  shuffledFactors(repeat: number): Float64Array {
    return remember(this.#factors, repeat, () => {
      const { positive, negative } = this.shuffled('random labels', this.train, repeat);
      const factors = new Float64Array(this.train.prompts.length);
      for (const row of positive) factors[row] = 1 / positive.length;
      for (const row of negative) factors[row] = -1 / negative.length;
      return factors;
    });
  }

  /** A separate generator for each use, derived from the plan's seed, so that no use affects the draws of another. */
  random(use: string, ...numbers: readonly number[]): () => number {
    const { seed } = this.study.plan;
    return createRandom(Math.floor(textDraw(seed, [use, ...numbers].join('/')) * 2 ** 32));
  }

  /** A direction of Gaussian numbers [hidden]. */
  randomDirection(repeat: number, hidden: number): Float64Array {
    return remember(this.#directions, `${repeat}/${hidden}`, () => {
      const random = this.random('random direction', repeat);
      return Float64Array.from({ length: hidden }, () => gaussian(random));
    });
  }
}

function shuffledRows(index: RowIndex, random: Random): RowSplit {
  const [positive, negative] = [index.positives(GENERAL), index.negatives];
  const rows = Uint32Array.from([...positive, ...negative]);
  for (let last = rows.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1)); // Fisher and Yates
    [rows[last], rows[other]] = [rows[other] as number, rows[last] as number];
  }
  return { positive: rows.subarray(0, positive.length), negative: rows.subarray(positive.length) };
}

/** True and false statements: half of each for computing the direction, half for testing it. */
export interface TruthIndex {
  readonly rows: RowIndex;
  readonly train: RowSplit;
  readonly test: RowSplit;
}

/** Splits the statements into halves; null if a half would be empty. */
function truthIndex(rows: RowIndex, { seed, sets, truth }: StudyPlan): TruthIndex | null {
  const isPart = sets.some(({ name, part }) => name === truth && part !== null);
  const draw = (text: string): number => textDraw(seed, isPart ? `half/${text}` : text); // a part drawn with the same seed could fall entirely into one half
  const isTraining = rows.prompts.map(({ text }) => draw(text) < 0.5);
  const half = (training: boolean): TruthIndex['train'] => ({
    positive: rows.statements('true').filter((row) => isTraining[row] === training),
    negative: rows.statements('false').filter((row) => isTraining[row] === training),
  });
  const [train, test] = [half(true), half(false)];
  const isWhole = [train, test].every(({ positive, negative }) => positive.length > 0 && negative.length > 0);
  return isWhole ? { rows, train, test } : null;
}
