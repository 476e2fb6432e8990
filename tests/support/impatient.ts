/** Limits under which a test waits milliseconds where a reader would wait minutes. */
import type { RetryLimits } from '../../src/sources/hub/retry-limits.ts';

export const IMPATIENT: RetryLimits = {
  attempts: 4,
  firstDelayMs: 5,
  maxDelayMs: 20,
  rateLimitMs: 10,
  maxServerDelayMs: 5000,
  stallMs: 1000, // longer than a busy machine makes an event loop wait
};
