/** Reads the activations of one checkpoint from the store. */
import { LabError } from '../../../core/errors.ts';
import { matrixOf, type Matrix } from '../../../core/linalg/matrix.ts';
import type { KeyValueStore } from '../../../core/key-value-store.ts';
import type { ResolvedStudy } from '../plan/resolved-study.ts';
import { readRows } from '../run/study-store.ts';
import type { RowIndex } from './row-index.ts';

/** Stacked sets at a layer, [prompts, hidden] each. */
export type StackedRows = readonly Matrix[];

/**
 * Reads sets in the order of the index, without checking for NaN.
 * @throws LabError `storage`, when a unit is missing
 */
export function readStacked(
  store: KeyValueStore,
  { reading }: ResolvedStudy,
  commit: string,
  layer: number,
  { sets }: RowIndex,
): Promise<StackedRows> {
  return Promise.all(
    sets.map(async ({ name, digest }) => {
      const stored = await readRows(store, commit, digest, layer, reading);
      if (stored !== null) {
        return { values: stored.values, rows: stored.values.length / stored.hidden, columns: stored.hidden };
      }
      const problem = `The activations of “${name}” are not in the store.`;
      throw new LabError('storage', problem, 'Run the study again: it computes what is missing.');
    }),
  );
}

/**
 * Stacked sets as one matrix.
 * @throws LabError `bad-request`, when a value is NaN or infinite
 */
export function stacked(parts: StackedRows): Matrix {
  const [first] = parts;
  const columns = first?.columns ?? 0;
  if (first !== undefined && parts.length === 1) return matrixOf(first.values, columns);
  const values = new Float32Array(parts.reduce((sum, part) => sum + part.values.length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  return matrixOf(values, columns);
}
