/** How well many directions tell classes of rows apart: rows and scores stay in the kernels' memory. */
import { heldAuroc, type HeldScores } from './auroc.ts';
import { addressOf, holdRows, holdVectors, type HeldRows } from './held-rows.ts';
import type { KernelHeap } from './kernels.ts';
import type { Matrix } from './matrix.ts';

/** Activations by class. */
export interface ClassRows {
  readonly negatives: Matrix;
  readonly positives: ReadonlyMap<string, Matrix>; // by the class's name
}

/** Directions and the classes that they are tried on, all of them together, against the negatives. */
export interface TriedDirections {
  readonly directions: readonly Float64Array[]; // [columns] each
  readonly classes: readonly string[]; // that have rows, at least one
}

/** Rows by class, held until what was allocated is taken back. */
export class HeldClasses {
  readonly #kernels: KernelHeap;
  readonly #negatives: HeldRows;
  readonly #positives: ReadonlyMap<string, HeldRows>;

  constructor(kernels: KernelHeap, { negatives, positives }: ClassRows) {
    this.#kernels = kernels;
    this.#negatives = holdRows(kernels, negatives);
    this.#positives = new Map([...positives].map(([name, rows]) => [name, holdRows(kernels, rows)]));
  }

  /** [tried][directions]. It is the same for d and d/‖d‖. @throws LabError `bad-request` when a score is NaN */
  aurocs(tried: readonly TriedDirections[]): number[][] {
    const kernels = this.#kernels;
    return kernels.scoped(() => {
      const all = tried.flatMap(({ directions }) => directions);
      const vectors = holdVectors(this.#negatives, all);
      const safe = this.#scores([this.#negatives], vectors, all.length); // all at once: two take hardly longer than one
      let first = 0;
      return tried.map(({ directions, classes }) => {
        const from = first;
        first += directions.length;
        const rows = classes.flatMap((name) => this.#positives.get(name) ?? []);
        const harmful = this.#scores(rows, addressOf(this.#negatives, vectors, from), directions.length);
        return directions.map((_, index) => heldAuroc(kernels, harmful(index), safe(from + index)));
      });
    });
  }

  /** Scores of parts of rows, one behind the other, by direction. */
  #scores(parts: readonly HeldRows[], vectors: number, directions: number): (index: number) => HeldScores {
    const count = parts.reduce((sum, { rows }) => sum + rows, 0);
    const bytes = count * Float64Array.BYTES_PER_ELEMENT;
    const scores = this.#kernels.allocate(directions * bytes);
    let at = scores;
    for (const { address, rows, stride } of parts) {
      this.#kernels.run.rowProducts(address, vectors, rows, stride, directions, at, bytes);
      at += rows * Float64Array.BYTES_PER_ELEMENT;
    }
    return (index) => ({ address: scores + index * bytes, count });
  }
}
