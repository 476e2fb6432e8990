/** Numbers as figures say them. */
import { rangeName } from '../core/statistics/quantiles.ts';
import type { Interval } from '../formats/study/study-results.ts';

const WHOLE = new Intl.NumberFormat('en'); // `toLocaleString` makes one for every number
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** 2252800 → “2.25M”. */
export const compact = (value: number): string => COMPACT.format(value);

/** Four decimals below ten in size, four significant digits above; a minus is a minus. */
export function exact(value: number): string {
  const text = Math.abs(value) < 10 ? value.toFixed(4) : value.toPrecision(4);
  return (Number(text) === 0 ? '0.0000' : text).replace('-', '−');
}

/** `repeats`: of which the interval is the spread; 1 or none: it is a 95 % interval. */
export function withInterval(value: number, interval: Interval | null, repeats = 1): string {
  if (interval === null) return exact(value);
  const name = repeats > 1 ? rangeName(repeats) : '95 %';
  return `${exact(value)} (${name}: ${exact(interval.low)} to ${exact(interval.high)})`;
}

/** 12,345. */
export const wholeNumber = (value: number): string => WHOLE.format(value);
