/** Names of the parts that published sets are divided into. */
import { plainLabel, readLabelWord } from './label-values.ts';

export const WHOLE_SPLIT = 'all'; // of a set that is not divided, and of rows whose split is empty

const SPLITS = new Set(['train', 'training', 'validation', 'valid', 'val', 'dev', 'development', 'eval', 'evaluation', 'test', 'testing', 'heldout', 'holdout', 'calibration']); // prettier-ignore

/** Whether a value is the name of a split, alone or beside other words: `Train`, `test-ood`, `train_sft`. */
export function isSplit(value: string): boolean {
  const text = plainLabel(value);
  return SPLITS.has(text.replace(/[\s_-]/g, '')) || text.split(/[^\p{L}]+/u).some((word) => SPLITS.has(word));
}

/** The split that a cell names. Names differ in small ways within a file (`Train`, `train `), and are one split all the same. */
export function splitOfCell(cell: string): string {
  if (readLabelWord(cell).kind === 'none') return WHOLE_SPLIT;
  return isSplit(cell) ? plainLabel(cell) : cell.trim();
}
