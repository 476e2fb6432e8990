/** The training rows of a checkpoint by class, and what the probes share of them. */
import { classMoments, jointMoments, type ClassMoments, type SampleMoments } from '../../core/covariance.ts';
import { columnMeans, takeRows, type Matrix } from '../../core/matrix.ts';
import { subtract } from '../../core/vectors.ts';
import { GENERAL, NEGATIVE } from '../../formats/study-results.ts';
import { takeScores, type RowIndex } from './row-index.ts';

export class TrainingClasses {
  readonly all: Matrix; // [training rows, hidden]
  readonly #index: RowIndex;
  readonly #rows = new Map<string, Matrix>(); // by class
  readonly #means = new Map<string, Float64Array>();
  readonly #moments = new Map<string, ClassMoments>();

  constructor(all: Matrix, index: RowIndex) {
    this.all = all;
    this.#index = index;
  }

  /** Rows of a direction's class, or of `negative`. */
  of(name: string): Matrix {
    const { negatives } = this.#index;
    return remember(this.#rows, name, () => takeRows(this.all, name === NEGATIVE ? negatives : this.#index.positives(name))); // prettier-ignore
  }

  /** μ [hidden], in float64. */
  centroid(name: string): Float64Array {
    return remember(this.#means, name, () => columnMeans(this.of(name)));
  }

  /** μ(class) − μ(negative). */
  direction(name: string): Float64Array {
    return subtract(this.centroid(name), this.centroid(NEGATIVE));
  }

  /** The scores of a direction's class and of `negative` among those of all rows. */
  scoresOf(name: string, scores: Float64Array): readonly [Float64Array, Float64Array] {
    return [takeScores(scores, this.#index.positives(name)), takeScores(scores, this.#index.negatives)];
  }

  moments(name: string): ClassMoments {
    return remember(this.#moments, name, () => classMoments(this.of(name), 'ledoit-wolf', this.#joint(name)));
  }

  /** Of the rows of a direction's class and of `negative` together. */
  momentsWithNegative(name: string): SampleMoments {
    return jointMoments([this.moments(name), this.moments(NEGATIVE)]);
  }

  /** `general` is all categories together. */
  #joint(name: string): SampleMoments | undefined {
    const { categories } = this.#index;
    if (name !== GENERAL || categories.length < 2) return undefined;
    return jointMoments(categories.map((category) => this.moments(category)));
  }
}

function remember<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name) ?? make();
  known.set(name, found);
  return found;
}
