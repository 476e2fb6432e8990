/** Sums of the activations of each class at every layer, in two halves, so that means can grow and be compared with each other. */

export type Half = 0 | 1;

/** Of one class; every other prompt goes to the other half. */
export interface ClassSums {
  readonly counts: [number, number]; // prompts in each half
  readonly sums: readonly [Float64Array, Float64Array]; // [layers · hidden] each
}

export class ActivationSums {
  readonly #size: number; // layers · hidden
  readonly #hidden: number;
  readonly #classes: Map<string, ClassSums>;

  constructor(layers: number, hidden: number, classes: ReadonlyMap<string, ClassSums> = new Map()) {
    this.#size = layers * hidden;
    this.#hidden = hidden;
    this.#classes = new Map(classes);
  }

  get classes(): ReadonlyMap<string, ClassSums> {
    return this.#classes;
  }

  /** Prompts of a class so far. */
  count(name: string): number {
    const { counts } = this.#classes.get(name) ?? { counts: [0, 0] as const };
    return counts[0] + counts[1];
  }

  /** `activation` [layers · hidden] of one prompt. */
  add(name: string, activation: Float32Array): void {
    let found = this.#classes.get(name);
    if (found === undefined) {
      found = { counts: [0, 0], sums: [new Float64Array(this.#size), new Float64Array(this.#size)] };
      this.#classes.set(name, found);
    }
    const half = (this.count(name) % 2) as Half;
    const sum = found.sums[half];
    for (let i = 0; i < activation.length; i++) sum[i] = (sum[i] as number) + (activation[i] as number);
    found.counts[half]++;
  }

  /** The mean of a class [hidden] at a layer, of both halves or of one; null where that has no prompts. */
  mean(name: string, layer: number, half?: Half): Float64Array | null {
    const found = this.#classes.get(name);
    if (found === undefined) return null;
    const halves: readonly Half[] = half === undefined ? [0, 1] : [half];
    const count = halves.reduce<number>((sum, each) => sum + found.counts[each], 0);
    if (count === 0) return null;
    const mean = new Float64Array(this.#hidden);
    for (const each of halves) {
      const sum = found.sums[each].subarray(layer * this.#hidden, (layer + 1) * this.#hidden);
      for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + (sum[i] as number) / count;
    }
    return mean;
  }

  /**
   * The mean over several classes [hidden], weighted: Σ w·mean / Σ w over those that have prompts. With the sizes of the whole
   * set as weights it is the mean of the set once all are read, and until then no class counts for more than its share.
   */
  weightedMean(weights: ReadonlyMap<string, number>, layer: number, half?: Half): Float64Array | null {
    const total = new Float64Array(this.#hidden);
    let whole = 0;
    for (const [name, weight] of weights) {
      const mean = this.mean(name, layer, half);
      if (mean === null) continue;
      whole += weight;
      for (let i = 0; i < total.length; i++) total[i] = (total[i] as number) + weight * (mean[i] as number);
    }
    return whole === 0 ? null : total.map((value) => value / whole);
  }
}
