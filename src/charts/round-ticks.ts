/** Round numbers for an axis whose places are not its values. */

export interface Tick {
  readonly value: number;
  readonly text: string;
}

const ROUND = [1, 2, 5, 10]; // times a power of ten

/** The multiples of a round step from `low` to `high`, at most `most` of them (≥ 2); none where the two are not apart. */
export function roundTicks(low: number, high: number, most: number): readonly Tick[] {
  if (!(high > low) || !Number.isFinite(high - low)) return [];
  const least = (high - low) / (most - 1);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * (ROUND.find((factor) => factor * power >= least) ?? 10);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)); // 1e-9: log10 of 0.001 is a little below −3
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const value = (first + index) * step;
    const text = value.toFixed(decimals);
    return { value, text: (Number(text) === 0 ? '0' : text).replace('-', '−') };
  });
}
