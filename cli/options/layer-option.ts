import { shown } from '../../src/core/text/quote.ts';
import { UsageError } from '../command.ts';

/** `all` (null) or a list of layer numbers without repeats. */
export function parseLayers(text: string): number[] | null {
  if (text === 'all') return null;
  const layers = text.split(',').map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : NaN));
  if (layers.some(Number.isNaN))
    throw new UsageError(`--layers must be "all" or numbers like 0,3,7, not "${shown(text)}"`);
  return [...new Set(layers)];
}
