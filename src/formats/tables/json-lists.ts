/** JSON whose keys are classes or splits, with a list of prompts under each: `{"harmful": […], "safe": […]}`. */
import { isColumnName, LIST_COLUMN } from '../prompts/column-names.ts';
import { isJsonObject, type JsonObject } from '../bytes/json.ts';
import { readLabelWord } from '../prompts/label-values.ts';
import { isSplit } from '../prompts/split-names.ts';
import { LINE_COLUMN } from './table.ts';

/** The prompts of all lists, each with the name of its list; null where the lists are not those of classes or splits. */
export function rowsOfLists(value: JsonObject): readonly JsonObject[] | null {
  const lists = Object.entries(value).flatMap(([key, entry]): readonly (readonly [string, readonly unknown[]])[] =>
    Array.isArray(entry) ? [[key, entry]] : [],
  );
  const isOfClasses = lists.some(([key]) => readLabelWord(key).kind === 'class');
  const isOfSplits = lists.length > 0 && lists.every(([key]) => isSplit(key));
  if (!isOfClasses && !isOfSplits) return null;
  const rows: JsonObject[] = [];
  for (const [key, list] of lists) {
    if (isColumnName(key)) return null; // a column of values, one for each prompt of another list
    for (const element of list) {
      if (typeof element === 'string') rows.push({ [LINE_COLUMN]: element, [LIST_COLUMN]: key });
      else if (isJsonObject(element)) rows.push({ ...element, [LIST_COLUMN]: key });
      else return null;
    }
  }
  return rows.length > 0 ? rows : null;
}
