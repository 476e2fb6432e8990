import { LabError } from '../errors.ts';
import type { Vector } from './vectors.ts';

/** The mean of a class of activations, added one by one and summed in float64. */
export class CentroidAccumulator {
  readonly #sum: Float64Array; // [hidden]
  #count = 0;

  constructor(hidden: number) {
    this.#sum = new Float64Array(hidden);
  }

  /** How many rows were added. */
  get count(): number {
    return this.#count;
  }

  /**
   * @param row [hidden], one pooled activation
   * @throws LabError `bad-request` when its length is wrong, or it holds NaN or infinity; nothing is added then
   */
  add(row: Vector): void {
    if (row.length !== this.#sum.length) {
      throw new LabError(
        'bad-request',
        `activation ${this.#count} has ${row.length} dimensions, the centroid ${this.#sum.length}`,
        'Add activations of one site only.',
      );
    }
    const broken = row.findIndex((value) => !Number.isFinite(value));
    if (broken >= 0) {
      throw new LabError(
        'bad-request',
        `activation ${this.#count} is ${row[broken]} at dimension ${broken}`,
        'Check the model and its precision: an overflow in float16 looks like this.',
      );
    }
    for (let i = 0; i < row.length; i++) this.#sum[i] = (this.#sum[i] as number) + (row[i] as number);
    this.#count++;
  }

  /** The centroid μ [hidden]. @throws LabError `bad-request` when nothing was added */
  mean(): Float64Array {
    if (this.#count === 0) {
      throw new LabError('bad-request', 'the centroid of no activations', 'Choose a class that has prompts.');
    }
    return this.#sum.map((sum) => sum / this.#count);
  }
}
