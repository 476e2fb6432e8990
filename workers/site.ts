/** What workers need to know about the site that serves them. */
import type { BuiltIn } from '../src/sources/built-in.ts';
import type { HubOptions } from '../src/sources/hub/hub-fetch.ts';
import type { HubControl } from '../src/labs/models/locate-checkpoint.ts';

export const builtIn: BuiltIn = {
  fetch: globalThis.fetch.bind(globalThis),
  baseUrl: new URL(import.meta.env.BASE_URL, new URL('..', location.href)).href,
};

/** Hub options for a lookup or a download. */
export const hubOptions = ({ access, signal, onWait }: HubControl): HubOptions => ({
  fetch: builtIn.fetch,
  ...(access.hubUrl !== null && { hubUrl: access.hubUrl }),
  ...(access.accessToken !== null && { accessToken: access.accessToken }),
  signal,
  onWait,
});

export const ALL_THREADS = Infinity; // as many as the page is allowed to use
