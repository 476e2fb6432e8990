/** What every worker takes from the site that the page came from. */
import { remember } from '../src/core/memoise.ts';
import type { Ladder } from '../src/formats/ladders/ladder.ts';
import { fetchLadder, type BuiltIn } from '../src/sources/built-in.ts';
import type { HubOptions } from '../src/sources/hub/hub-fetch.ts';
import type { HubControl } from '../src/labs/models/open-checkpoint-files.ts';

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

export const ALL_THREADS = Infinity; // as many as the page may use

const ladders = new Map<string, Promise<Ladder>>();

/** A ladder that ships with the lab, fetched once; a failure is forgotten, so that a retry can succeed. */
export function ladderOnce(id: string): Promise<Ladder> {
  return remember(ladders, id, () => {
    const fetched = fetchLadder(builtIn, id);
    fetched.catch(() => ladders.delete(id));
    return fetched;
  });
}
