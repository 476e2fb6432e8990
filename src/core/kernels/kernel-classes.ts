/** Activations class by class in the kernels' memory, and how directions and probes tell the classes apart. */
import type { ClassOrder, ClassRange } from './class-order.ts';
import { groupsOf } from '../group-by.ts';
import { holdSomeRows, placeCoarseVectors, rangeOf, rowBytes, seenFrom, type HeldRows } from './kernel-rows.ts';
import { heldAuroc, type HeldScores } from './kernel-scores.ts';
import type { KernelHeap } from './kernels.ts';
import type { LinearProbe } from '../probes/linear-probe.ts';
import { matrixOf, type Matrix } from '../linalg/matrix.ts';
import { combineCoarsely, placeScoresOf, rowMean } from './row-products.ts';

/** Directions that are tried on the same classes. */
export interface TriedDirections {
  readonly directions: readonly Float64Array[]; // [columns] each
  readonly harmful: ClassRange;
}

/** Rows by label. */
export interface RowSplit {
  readonly positive: Uint32Array;
  readonly negative: Uint32Array;
}

export interface TriedProbe {
  readonly probe: LinearProbe;
  readonly harmful: ClassRange;
}

/** Rows by class, held until what was allocated is taken back. */
export class HeldClasses {
  #rows: HeldRows;
  readonly #order: ClassOrder;
  readonly #mean: Float64Array; // of all rows [columns]

  /**
   * Copies the rows of each class, one class behind the other.
   * @param matrices one below the other: the order counts their rows together
   * @throws LabError as `matrixOf` for a value that is NaN or infinite
   */
  constructor(kernels: KernelHeap, matrices: readonly Matrix[], order: ClassOrder) {
    this.#order = order;
    this.#rows = holdSomeRows(kernels, matrices, order.first, order.end);
    this.#mean = rowMean(this.#rows);
    if (!this.#mean.every(Number.isFinite)) for (const { values, columns } of matrices) matrixOf(values, columns);
  }

  /** All rows, class by class. */
  get all(): HeldRows {
    return this.#rows;
  }

  of(range: ClassRange): HeldRows {
    const { first, count } = this.#order.of(range);
    return rangeOf(this.#rows, first, count);
  }

  get safe(): HeldRows {
    const { safe } = this.#order;
    return this.of({ first: safe, last: safe });
  }

  /** Sees all rows from their mean: nothing is lost then where they are far from the origin and near each other. */
  centre(): void {
    this.#rows = seenFrom(this.#rows, this.#mean);
  }

  /** Visits the scores of each probe, held while it is. @throws LabError `bad-request` when the dimensions differ */
  eachScores(
    tried: readonly TriedProbe[],
    visit: (harmful: HeldScores, safe: HeldScores, index: number) => void,
  ): void {
    const { kernels } = this.#rows;
    kernels.scoped(() => {
      const safe = placeScoresOf(this.safe, tried.map(({ probe }) => probe)); // prettier-ignore
      const scores = new Map<TriedProbe, HeldScores>();
      for (const together of groupsOf(tried, ({ harmful: { first, last } }) => JSON.stringify([first, last]))) {
        const [{ harmful }] = together as [TriedProbe];
        const found = placeScoresOf(this.of(harmful), together.map(({ probe }) => probe)); // prettier-ignore
        for (const [index, one] of together.entries()) scores.set(one, found[index] as HeldScores);
      }
      for (const [index, one] of tried.entries()) {
        const [ofHarmful, ofSafe] = [scores.get(one) as HeldScores, safe[index] as HeldScores];
        kernels.scoped(() => {
          visit(ofHarmful, ofSafe, index);
        });
      }
    });
  }

  /** Scores of the harmful and the safe rows of each probe, [harmful, safe]. @throws LabError as `eachScores` */
  scores(tried: readonly TriedProbe[]): (readonly [Float64Array, Float64Array])[] {
    const { kernels } = this.#rows;
    const all: (readonly [Float64Array, Float64Array])[] = [];
    const copy = ({ address, count }: HeldScores): Float64Array => kernels.f64(address, count).slice();
    this.eachScores(tried, (harmful, safe) => all.push([copy(harmful), copy(safe)]));
    return all;
  }

  /** Σ factors[row] · row [columns], in float32. @param factors whose sum is 0, by row of the matrices */
  contrast(factors: Float64Array): Float64Array {
    const { rows: order } = this.#order;
    return combineCoarsely(this.#rows, (ofHeld) => {
      for (let place = 0; place < ofHeld.length; place++) ofHeld[place] = factors[order[place] as number] as number;
    });
  }

  /**
   * AUROC [directions] of scores in float32, where the classes are other ones: those of a split for each direction, by row of the matrices.
   * @throws LabError `bad-request` when a score is NaN
   */
  aurocsOfSplits(directions: readonly Float64Array[], splits: readonly RowSplit[]): number[] {
    const { kernels, rows } = this.#rows;
    const { places } = this.#order;
    return kernels.scoped(() => {
      const scoresOf = coarseScores(this.#rows, placeCoarseVectors(this.#rows, directions), directions.length);
      const take = (at: number, taken: Uint32Array): HeldScores => {
        const address = kernels.allocateF64(taken.length);
        const [from, to] = [kernels.f64(at, rows), kernels.f64(address, taken.length)];
        for (let i = 0; i < to.length; i++) to[i] = from[places[taken[i] as number] as number] as number;
        return { address, count: taken.length };
      };
      return splits.map(({ positive, negative }, index) =>
        kernels.scoped(() => {
          const { address } = scoresOf(index);
          return heldAuroc(kernels, take(address, positive), take(address, negative));
        }),
      );
    });
  }

  /** AUROC [tried][directions], of scores in float32. It is the same for d and d/‖d‖. @throws LabError `bad-request` when a score is NaN */
  aurocs(tried: readonly TriedDirections[]): number[][] {
    const { kernels } = this.#rows;
    return kernels.scoped(() => {
      const all = tried.flatMap(({ directions }) => directions);
      const vectors = placeCoarseVectors(this.#rows, all);
      const safe = coarseScores(this.safe, vectors, all.length); // all at once: two take hardly longer than one
      let first = 0;
      return tried.map(({ directions, harmful }) => {
        const from = first;
        first += directions.length;
        const scores = coarseScores(this.of(harmful), vectors + from * rowBytes(this.#rows), directions.length);
        return directions.map((_, index) => heldAuroc(kernels, scores(index), safe(from + index)));
      });
    });
  }
}

/** Scores of rows by vector. */
function coarseScores(held: HeldRows, vectors: number, count: number): (index: number) => HeldScores {
  const { kernels, address, rows, stride } = held;
  const bytes = rows * Float64Array.BYTES_PER_ELEMENT;
  const scores = kernels.allocate(count * bytes);
  kernels.run.coarseProducts(address, vectors, rows, stride, count, scores, bytes);
  return (index) => ({ address: scores + index * bytes, count: rows });
}
