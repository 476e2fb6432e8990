/** Numbers as figures say them. */
import type { Interval } from '../formats/study-results.ts';

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** 2252800 → “2.25M”. */
export const compact = (value: number): string => COMPACT.format(value);

/** Four decimals below ten in size, four significant digits above; a minus is a minus. */
export function exact(value: number): string {
  const text = Math.abs(value) < 10 ? value.toFixed(4) : value.toPrecision(4);
  return (Number(text) === 0 ? '0.0000' : text).replace('-', '−');
}

export function withInterval(value: number, interval: Interval | null): string {
  return interval === null ? exact(value) : `${exact(value)} (95 %: ${exact(interval.low)} to ${exact(interval.high)})`;
}
