/** How long to wait for a server before asking it again, and how often. */

export interface RetryLimits {
  readonly attempts: number; // in a row without a byte of progress; the first one counts
  readonly firstDelayMs: number; // doubled at each further failure
  readonly maxDelayMs: number; // of those doublings
  readonly rateLimitMs: number; // after a 429 that does not say how long; the Hub hides its Retry-After from pages elsewhere
  readonly maxServerDelayMs: number; // a server that asks for a longer pause is not waited for
  readonly stallMs: number; // without a byte, after which a connection counts as dead
}

/** For somebody who looks at the page: a server that is down is given up after about a minute. */
export const ATTENDED: RetryLimits = {
  attempts: 7,
  firstDelayMs: 1000,
  maxDelayMs: 30_000,
  rateLimitMs: 60_000, // six times outlast the five minutes over which the Hub counts requests
  maxServerDelayMs: 330_000,
  stallMs: 30_000,
};

/** Statuses that a later attempt may change. */
export const isPassing = (status: number): boolean =>
  status === 408 || status === 429 || (status >= 500 && status !== 501);

/** Milliseconds before the next attempt after an answer of a passing status. */
export function delayAfterStatus(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  failures: number,
  limits: RetryLimits,
): number {
  const backoff = backoffMs(failures, limits);
  return serverDelayMs(headers, Date.now()) ?? (status === 429 ? Math.max(limits.rateLimitMs, backoff) : backoff);
}

/** Milliseconds before the attempt after `failures` failed ones, spread by up to a quarter so that clients do not march in step. */
export function backoffMs(failures: number, limits: RetryLimits, random: () => number = Math.random): number {
  const delay = Math.min(limits.maxDelayMs, limits.firstDelayMs * 2 ** (failures - 1));
  return Math.round(delay * (1 - random() / 4));
}

/**
 * Milliseconds that an answer asks to wait; null where it does not say. `Retry-After` holds seconds or a date (RFC 9110,
 * 10.2.3); the Hub says `RateLimit: "api";r=0;t=<seconds>` as well.
 */
export function serverDelayMs(headers: Headers, now: number): number | null {
  const retryAfter = headers.get('Retry-After')?.trim() ?? '';
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  const [, remaining, seconds] = /;\s*r=(\d+)\s*;\s*t=(\d+)/.exec(headers.get('RateLimit') ?? '') ?? [];
  return remaining === '0' ? Number(seconds) * 1000 : null;
}
