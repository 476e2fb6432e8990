/** The activations of one checkpoint that a study is analysed from, read out of the store. */
import { LabError } from '../../core/errors.ts';
import type { Matrix } from '../../core/matrix.ts';
import type { KeyValueStore } from '../direction-cache.ts';
import type { ResolvedStudy } from '../run/resolved-study.ts';
import { readRows } from '../run/study-store.ts';
import type { RowIndex } from './row-index.ts';

/** Reads stacked sets at a layer: [rows, hidden], in the order of the index, not checked for NaN. Throws `storage` where a unit is not there. */
export async function readMatrix(
  store: KeyValueStore,
  { reading }: ResolvedStudy,
  commit: string,
  layer: number,
  { sets }: RowIndex,
): Promise<Matrix> {
  const parts = await Promise.all(
    sets.map(async ({ name, digest }) => {
      const stored = await readRows(store, commit, digest, layer, reading);
      if (stored !== null) return stored;
      const problem = `The activations of “${name}” are not in the store.`;
      throw new LabError('storage', problem, 'Run the study again: it computes what is missing.');
    }),
  );
  const [first] = parts;
  const hidden = first?.hidden ?? 0;
  if (first !== undefined && parts.length === 1) return unchecked(first.values, hidden);
  const stacked = new Float32Array(parts.reduce((sum, { values }) => sum + values.length, 0));
  let at = 0;
  for (const { values } of parts) {
    stacked.set(values, at);
    at += values.length;
  }
  return unchecked(stacked, hidden);
}

const unchecked = (values: Float32Array, columns: number): Matrix => ({
  values,
  rows: values.length / columns,
  columns,
});
