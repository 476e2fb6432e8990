import { rowProducts, type Matrix } from '../linalg/matrix.ts';

/** A probe that calls a prompt harmful where weights · a + intercept > 0. */
export interface LinearProbe {
  readonly weights: Float64Array; // [hidden]
  readonly intercept: number;
}

/**
 * weights · a + intercept for each row: the log odds of harmful, where the probe is a model of them.
 * @param rows [prompts, hidden]
 * @throws LabError `bad-request` when the dimensions differ
 */
export function decisionValues({ weights, intercept }: LinearProbe, rows: Matrix): Float64Array {
  return rowProducts(rows, weights).map((score) => score + intercept);
}
