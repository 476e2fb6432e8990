import { LabError } from '../errors.ts';

/** How one prompt's positions become one activation. The study uses `last`. */
export const POOLINGS = ['last', 'mean', 'max'] as const;

export type Pooling = (typeof POOLINGS)[number];

/**
 * One prompt's activation [hidden]: of its last token, or the mean (summed in float64) or the largest value of each
 * dimension over its tokens.
 * @param residual [tokens, hidden], row-major, without padding
 * @throws LabError `bad-request` when the shape does not fit or there is no token
 */
export function pool(residual: Float32Array, tokens: number, hidden: number, pooling: Pooling): Float32Array {
  if (tokens < 1 || residual.length !== tokens * hidden) {
    throw new LabError(
      'bad-request',
      `cannot pool ${residual.length} values as [${tokens} tokens, ${hidden}]`,
      'Pass the residual of one non-empty prompt.',
    );
  }
  switch (pooling) {
    case 'last':
      return residual.slice(-hidden);
    case 'mean':
      return Float32Array.from(
        fold(residual, hidden, 0, (sum, value) => sum + value),
        (sum) => sum / tokens,
      );
    case 'max':
      return Float32Array.from(fold(residual, hidden, -Infinity, Math.max));
  }
}

function fold(
  residual: Float32Array, // [tokens, hidden]
  hidden: number,
  start: number,
  join: (accumulated: number, value: number) => number,
): Float64Array {
  const folded = new Float64Array(hidden).fill(start);
  for (let row = 0; row < residual.length; row += hidden) {
    for (let i = 0; i < hidden; i++) folded[i] = join(folded[i] as number, residual[row + i] as number);
  }
  return folded;
}
