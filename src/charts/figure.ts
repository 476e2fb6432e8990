/** A figure as plain data: what is drawn, and the same numbers as a table. */
import type { EChartsOption } from 'echarts';
import type { ProbeKind } from '../formats/study/study-results.ts';

export interface Figure {
  readonly id: string; // for file names
  readonly title: string;
  readonly note: string; // how to read it, and what is left out
  readonly height: number; // CSS pixels
  readonly option: EChartsOption | null; // null: the table alone
  readonly table: FigureTable;
}

export type Cell = string | number | null; // null: not measured

export interface FigureTable {
  readonly columns: readonly string[]; // with units
  readonly rows: readonly FigureRow[];
  readonly empty?: string; // why there are no rows, where that is known
}

export interface FigureRow {
  readonly cells: readonly Cell[];
  readonly target: Target | null;
}

/** What can be looked behind: one AUROC of one probe. */
export interface Target {
  readonly point: number; // index into the results' `points`
  readonly probe: ProbeKind;
  readonly direction: string;
  readonly test: string;
}

/** One drawn thing. `head` and `text` are what its tooltip and a screen reader say. */
export interface Datum {
  readonly value: readonly (number | null)[]; // in the order of the axes
  readonly head: string;
  readonly text: string;
  readonly target: Target | null;
}

function isDatum(data: unknown): data is Datum {
  return typeof data === 'object' && data !== null && 'head' in data && 'text' in data && 'value' in data;
}

/** Whether there is anything to see at it. */
export const isMeasured = (data: unknown): data is Datum => isDatum(data) && !data.value.includes(null);
