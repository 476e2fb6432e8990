import { describe, expect, it } from 'vitest';
import {
  ATTENDED,
  backoffMs,
  delayAfterStatus,
  isPassing,
  serverDelayMs,
} from '../../../../src/sources/hub/retry-limits.ts';

const NOW = Date.parse('2025-11-20T12:00:00Z');

describe('what a server asks to wait', () => {
  it.each([
    ['seconds', { 'Retry-After': '7' }, 7000],
    ['a date', { 'Retry-After': 'Thu, 20 Nov 2025 12:00:30 GMT' }, 30_000],
    ['a date that is past', { 'Retry-After': 'Thu, 20 Nov 2025 11:00:00 GMT' }, 0],
    ['the Hub’s own header', { RateLimit: '"api";r=0;t=23' }, 23_000],
    ['the Hub’s own header with requests left', { RateLimit: '"api";r=499;t=23' }, null],
    ['nonsense', { 'Retry-After': 'soon' }, null],
    ['nothing', {}, null],
  ])('%s', (_, headers, expected) => {
    expect(serverDelayMs(new Headers(headers), NOW)).toBe(expected);
  });

  it('is at least the limit for 429 where it is not said', () => {
    expect(delayAfterStatus({ status: 429, headers: new Headers() }, 1, ATTENDED)).toBe(ATTENDED.rateLimitMs);
    expect(delayAfterStatus({ status: 503, headers: new Headers() }, 1, ATTENDED)).toBeLessThanOrEqual(1000);
  });
});

describe('backoff', () => {
  it('doubles up to its limit and spreads by a quarter', () => {
    expect([1, 2, 3, 6, 60].map((failures) => backoffMs(failures, ATTENDED, () => 0))).toEqual([
      1000, 2000, 4000, 30_000, 30_000,
    ]);
    expect(backoffMs(1, ATTENDED, () => 1)).toBe(750);
  });

  it('is for statuses that pass', () => {
    expect([408, 429, 500, 502, 503, 504].every(isPassing)).toBe(true);
    expect([200, 206, 400, 401, 403, 404, 416, 501].some(isPassing)).toBe(false);
  });
});
