import type { OlmoConfig } from './config.ts';

/** Positions that the rotary caches cover. Up to here OLMo 3's window of 4,096 never binds. */
export const MAX_CONTEXT = 4096;

/** Tokens that a row of such a model can hold here. */
export function contextLengthOf({ contextLength }: OlmoConfig): number {
  return Math.min(contextLength, MAX_CONTEXT);
}
