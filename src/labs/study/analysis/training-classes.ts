/** The training rows of a checkpoint by class, and the statistics that the probes share. */
import { isDirection } from '../../../core/probes/directions.ts';
import { classMoments, jointMoments, sampleMoments, type ClassMoments } from '../../../core/linalg/covariance.ts';
import { HeldClasses } from '../../../core/kernels/kernel-classes.ts';
import type { HeldRows } from '../../../core/kernels/kernel-rows.ts';
import { sharedHeap } from '../../../core/kernels/kernels.ts';
import { rowMean } from '../../../core/kernels/row-products.ts';
import { subtract } from '../../../core/linalg/vectors.ts';
import { GENERAL, NEGATIVE } from '../../../formats/study/study-results.ts';
import { remember } from '../../../core/memoise.ts';
import type { RowIndex } from './row-index.ts';
import type { StackedRows } from './study-rows.ts';

/** Runs `work` with the training rows, which stay in the kernels' memory until it ends. */
export function withTraining<T>(rows: StackedRows, index: RowIndex, work: (training: TrainingClasses) => T): T {
  const kernels = sharedHeap();
  return kernels.scoped(() => work(new TrainingClasses(new HeldClasses(kernels, rows, index.classes), index)));
}

export class TrainingClasses {
  readonly index: RowIndex;
  readonly classes: HeldClasses;
  readonly #means = new Map<string, Float64Array>();
  readonly #moments = new Map<string, ClassMoments>();

  constructor(classes: HeldClasses, index: RowIndex) {
    this.classes = classes;
    this.index = index;
  }

  /** Rows of a direction's class, or of `negative`. */
  of(name: string): HeldRows {
    return this.classes.of(this.index.range(name));
  }

  /** The class mean μ [hidden], in float64. */
  centroid(name: string): Float64Array {
    return remember(this.#means, name, () => rowMean(this.of(name)));
  }

  /** μ(class) − μ(negative). */
  direction(name: string): Float64Array {
    return subtract(this.centroid(name), this.centroid(NEGATIVE));
  }

  /** The direction; null if its length is 0. */
  usableDirection(name: string): Float64Array | null {
    const direction = this.direction(name);
    return isDirection(direction, this.centroid(name), this.centroid(NEGATIVE)) ? direction : null;
  }

  moments(name: string): ClassMoments {
    return remember(this.#moments, name, () => {
      const rows = this.of(name);
      const { categories } = this.index;
      const isJoint = name === GENERAL && categories.length > 1; // all categories together
      const sample = isJoint
        ? jointMoments(categories.map((category) => this.moments(category)))
        : sampleMoments(rows, this.centroid(name));
      return classMoments(rows, 'ledoit-wolf', sample);
    });
  }
}
