/** How long to wait before retrying a request, and how often. */

export interface RetryLimits {
  readonly attempts: number; // attempts in a row without progress, including the first
  readonly firstDelayMs: number; // doubled after each further failure
  readonly maxDelayMs: number; // limit for the doubled delay
  readonly rateLimitMs: number; // after a 429 without a delay; the Hub hides Retry-After from other origins
  readonly maxServerDelayMs: number; // give up if the server asks for a longer delay
  readonly stallMs: number; // time without data after which a connection counts as lost
}

/** Limits for someone who is watching the page: gives up on an unreachable server after about a minute. */
export const ATTENDED: RetryLimits = {
  attempts: 7,
  firstDelayMs: 1000,
  maxDelayMs: 30_000,
  rateLimitMs: 60_000, // six such waits exceed the five minutes over which the Hub counts requests
  maxServerDelayMs: 330_000,
  stallMs: 30_000,
};

/** Whether a status is temporary, so that a retry may succeed. */
export const isPassing = (status: number): boolean =>
  status === 408 || status === 429 || (status >= 500 && status !== 501);

/** Delay in milliseconds before the next attempt after a temporary status. */
export function delayAfterStatus(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  failures: number,
  limits: RetryLimits,
): number {
  const backoff = backoffMs(failures, limits);
  return serverDelayMs(headers, Date.now()) ?? (status === 429 ? Math.max(limits.rateLimitMs, backoff) : backoff);
}

/** Delay in milliseconds after `failures` failed attempts, shortened by up to a quarter at random so that clients do not retry in step. */
export function backoffMs(failures: number, limits: RetryLimits, random: () => number = Math.random): number {
  const delay = Math.min(limits.maxDelayMs, limits.firstDelayMs * 2 ** (failures - 1));
  return Math.round(delay * (1 - random() / 4));
}

/**
 * The delay in milliseconds that a response asks for; null if it does not. `Retry-After` contains seconds or a date (RFC 9110,
 * 10.2.3); the Hub also sends `RateLimit: "api";r=0;t=<seconds>`.
 */
export function serverDelayMs(headers: Headers, now: number): number | null {
  const retryAfter = headers.get('Retry-After')?.trim() ?? '';
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  if (!Number.isNaN(date)) return Math.max(0, date - now);
  const [, remaining, seconds] = /;\s*r=(\d+)\s*;\s*t=(\d+)/.exec(headers.get('RateLimit') ?? '') ?? [];
  return remaining === '0' ? Number(seconds) * 1000 : null;
}
