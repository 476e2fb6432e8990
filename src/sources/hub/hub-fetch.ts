/** `fetch` as all that talks to the Hub uses it: patient, with the token where it belongs, refusals as errors. */
import type { Fetch } from '../http-source.ts';
import { hubError, storageError, type HubSubject } from './hub-errors.ts';
import { checkHubUrl, HUB_URL } from './hub-address.ts';
import { retryingFetch, type RetryOptions } from './retrying-fetch.ts';

export interface HubOptions extends RetryOptions {
  readonly hubUrl?: string; // of a mirror, in place of huggingface.co
  readonly accessToken?: string; // kept in memory, sent to the Hub's own origin alone
  readonly signal?: AbortSignal;
}

export interface HubConnection {
  readonly hubUrl: string; // without a slash at its end
  readonly fetch: Fetch; // throws LabErrors for everything that is not `ok`
}

/**
 * The token is added here, to requests to the Hub's origin, so nothing else ever holds it. Where the Hub redirects to its
 * storage, `fetch` itself takes the header off (Fetch standard, HTTP-redirect fetch), which the tests see in Node and Chromium.
 */
export function connectToHub(options: HubOptions, subject: Pick<HubSubject, 'repo' | 'revision'>): HubConnection {
  const { accessToken = '', signal } = options;
  const hubUrl = checkHubUrl(options.hubUrl ?? HUB_URL);
  const hasToken = accessToken !== '';
  const patient = retryingFetch(options);
  const fetch: Fetch = async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    const headers = new Headers(init.headers);
    if (isFrom(hubUrl, url) && hasToken) headers.set('Authorization', `Bearer ${accessToken}`);
    const response = await patient(url, { ...init, headers, signal: init.signal ?? signal ?? null });
    if (response.ok) return response;
    await response.body?.cancel();
    const isStorage = response.url !== '' && !isFrom(hubUrl, response.url); // whose refusals say nothing of the repository
    throw isStorage ? storageError(response, subject) : hubError(response, { ...subject, hubUrl, hasToken });
  };
  return { hubUrl, fetch };
}

const isFrom = (hubUrl: string, url: string): boolean => new URL(url).origin === new URL(hubUrl).origin;
