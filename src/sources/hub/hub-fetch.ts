/** `fetch` for all requests to the Hub: retries, sends the token only to the Hub, and turns error responses into errors. */
import type { Fetch } from '../http-source.ts';
import { hubError, storageError, type HubSubject } from './hub-errors.ts';
import { checkHubUrl, HUB_URL } from './hub-address.ts';
import { retryingFetch, type RetryOptions } from './retrying-fetch.ts';

export interface HubOptions extends RetryOptions {
  readonly hubUrl?: string; // address of a mirror, instead of huggingface.co
  readonly accessToken?: string; // held only in memory, and sent only to the Hub's own origin
  readonly signal?: AbortSignal;
}

export interface HubConnection {
  readonly hubUrl: string; // without a trailing slash
  readonly fetch: Fetch; // throws a LabError for every response that is not `ok`
}

/**
 * Adds the token to requests to the Hub's origin, so that no other code needs it. When the Hub redirects to its storage, `fetch`
 * removes the header (Fetch standard, HTTP-redirect fetch), which the tests verify in Node and Chromium.
 */
export function connectToHub(options: HubOptions, subject: Pick<HubSubject, 'repo' | 'revision'>): HubConnection {
  const { accessToken = '', signal } = options;
  const hubUrl = checkHubUrl(options.hubUrl ?? HUB_URL);
  const hasToken = accessToken !== '';
  const retrying = retryingFetch(options);
  const fetch: Fetch = async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    const headers = new Headers(init.headers);
    if (isFrom(hubUrl, url) && hasToken) headers.set('Authorization', `Bearer ${accessToken}`);
    const response = await retrying(url, { ...init, headers, signal: init.signal ?? signal ?? null });
    if (response.ok) return response;
    await response.body?.cancel();
    const isStorage = response.url !== '' && !isFrom(hubUrl, response.url); // its errors say nothing about the repository
    throw isStorage ? storageError(response, subject) : hubError(response, { ...subject, hubUrl, hasToken });
  };
  return { hubUrl, fetch };
}

const isFrom = (hubUrl: string, url: string): boolean => new URL(url).origin === new URL(hubUrl).origin;
