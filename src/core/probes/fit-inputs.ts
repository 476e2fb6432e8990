import type { Solve } from '../linalg/cholesky.ts';
/** What a logistic fit asks of its inputs. */

/** One pass over the rows. Fills `sums` [columns] with Xᵀ (p − labels). */
export type LogisticPass = (vector: Float64Array, offset: number, sums: Float64Array) => LogisticSums;

export interface LogisticLoss {
  readonly coarse: LogisticPass | null; // in float32, for the greater part of the way: in less than half the time
  readonly exact: LogisticPass;
  /** p (1 − p) of each row [rows] at the last pass, times a factor. Good until it is asked for again. */
  readonly curvature: (factor: number) => Float64Array;
}

/** Σ log(1 + exp(∓ margin)) for margins = X v + offset, with p = σ(margin). */
interface LogisticSums {
  readonly loss: number;
  readonly total: number; // Σ (p − labels)
}

export interface Features {
  readonly rows: number;
  readonly columns: number;
  readonly origin: Float64Array; // [columns], what the inputs are seen from
  readonly means: Float64Array; // [columns], of the inputs as they are seen
  readonly logistic: (labels: Uint8Array) => LogisticLoss;
  /**
   * About the inverse of Σ w (x, 1) (x, 1)ᵀ + ridge · I over the rows x, taken from `means`; the ridge is of the columns alone.
   * @param weights one for each row, or the same for all
   */
  readonly approximateInverse: (weights: Float64Array | number, ridge: number) => Solve; // of [columns + 1]
  readonly renewal: number; // steps of a fit that it stays good for
}
