/** `fetch` as all that talks to the Hub uses it: patient, with the token where it belongs, refusals as errors. */
import type { Fetch } from '../http-source.ts';
import { hubError, type HubSubject } from './hub-errors.ts';
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
 * storage, `fetch` itself takes the header off (Fetch standard, HTTP-redirect fetch, step 13).
 */
export function connectToHub(options: HubOptions, subject: Pick<HubSubject, 'repo' | 'revision'>): HubConnection {
  const { accessToken = '', signal } = options;
  const hubUrl = checkHubUrl(options.hubUrl ?? HUB_URL);
  const patient = retryingFetch(options);
  const fetch: Fetch = async (input, init = {}) => {
    const url = input instanceof Request ? input.url : String(input);
    const isHub = new URL(url).origin === new URL(hubUrl).origin;
    const headers = new Headers(init.headers);
    if (isHub && accessToken !== '') headers.set('Authorization', `Bearer ${accessToken}`);
    const response = await patient(url, { ...init, headers, signal: init.signal ?? signal ?? null });
    if (response.ok) return response;
    await response.body?.cancel();
    throw hubError(response, { ...subject, hubUrl, hasToken: accessToken !== '' });
  };
  return { hubUrl, fetch };
}
