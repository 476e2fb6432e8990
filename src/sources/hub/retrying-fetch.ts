/**
 * `fetch` for an unreliable network: it retries failures that may be temporary, and resumes a range after a lost connection. Everything
 * else (401, 404, a wrong body) is left to the caller.
 */
import type { Answer, Ask } from './resumed-body.ts';
import type { Fetch } from '../http-source.ts';
import { resumedBody } from './resumed-body.ts';
import { Retries, type WaitNotice } from './retries.ts';
import { ATTENDED, delayAfterStatus, isPassing, type RetryLimits } from './retry-limits.ts';

export interface RetryOptions {
  readonly fetch: Fetch;
  readonly limits?: RetryLimits;
  readonly onWait?: (notice: WaitNotice) => void;
}

/**
 * Responses to requests with a `Range` are streamed, and resumed after a lost connection; all others are read completely before they
 * are returned, so that a broken one can be requested again. A temporary status that persists is returned, not thrown.
 * @throws LabError `fetch`, when the network stays unreachable; `interrupted`, when the request's signal fires
 */
export function retryingFetch({ fetch, limits = ATTENDED, onWait = () => undefined }: RetryOptions): Fetch {
  return async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    const retries = new Retries(nameOf(url), limits, init.signal ?? null, onWait);
    const ask: Ask = (headers) => askUntilAnswered(fetch, url, withHeaders(init, headers), retries);
    const range = new Headers(init.headers).get('Range');
    if (range === null) return readWhole(ask, retries);
    const answer = await ask();
    return answer.response.ok ? withBody(answer.response, resumedBody(answer, range, ask, retries)) : answer.response;
  };
}

async function askUntilAnswered(fetch: Fetch, url: string, init: RequestInit, retries: Retries): Promise<Answer> {
  for (;;) {
    const answer = await askOnce(fetch, url, init, retries);
    if (answer === null) continue;
    const { response, abort } = answer;
    if (!isPassing(response.status)) return answer;
    const mayRetry = retries.countFailure();
    const delay = delayAfterStatus(response, retries.failures, retries.limits);
    if (!mayRetry || delay > retries.limits.maxServerDelayMs) return answer;
    abort();
    await retries.wait(`${new URL(url).host} answered ${response.status}`, delay);
  }
}

/** One attempt; null after a lost connection and the delay that follows it. */
async function askOnce(fetch: Fetch, url: string, init: RequestInit, retries: Retries): Promise<Answer | null> {
  const attempt = new AbortController();
  const signal = init.signal ? AbortSignal.any([init.signal, attempt.signal]) : attempt.signal;
  const timer = setTimeout(() => attempt.abort(), retries.limits.stallMs);
  try {
    return { response: await fetch(url, { ...init, signal }), abort: () => attempt.abort() };
  } catch (cause) {
    const reason = attempt.signal.aborted ? 'does not answer' : 'cannot be reached';
    await retries.afterLoss(`${new URL(url).host} ${reason}`, cause);
    return null;
  } finally {
    clearTimeout(timer);
  }
}

async function readWhole(ask: Ask, retries: Retries): Promise<Response> {
  for (;;) {
    const { response, abort } = await ask();
    const timer = setTimeout(abort, retries.limits.stallMs);
    try {
      const bytes = await response.arrayBuffer();
      retries.progressed();
      return withBody(response, bytes.byteLength > 0 ? bytes : null);
    } catch (cause) {
      await retries.afterLoss('the connection was lost', cause);
    } finally {
      clearTimeout(timer);
    }
  }
}

function withHeaders(init: RequestInit, headers: Readonly<Record<string, string>> | undefined): RequestInit {
  if (headers === undefined) return init;
  const all = new Headers(init.headers);
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  return { ...init, headers: all };
}

/** The same response with another body. A constructed Response has no URL, which callers need. */
function withBody(response: Response, body: BodyInit | null): Response {
  const { status, statusText, headers, url } = response;
  return Object.defineProperty(new Response(body, { status, statusText, headers }), 'url', { value: url });
}

/** Host and path, without the query, which may contain a signature. */
function nameOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}
