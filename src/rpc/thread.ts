/** A worker with a watchdog, and the object that it serves. */
import type { ThreadName } from '../threads/thread-end.ts';
import { WatchedWorker } from '../threads/watched-worker.ts';
import { remoteAt, type Remote } from './remote.ts';

export interface Thread<Lab> {
  readonly watched: WatchedWorker;
  readonly remote: Remote<Lab>;
}

/** Starts a worker that calls `serve`. Throws a `device` error where the browser starts none. */
export function startThread<Lab>(start: () => Worker, name: ThreadName): Thread<Lab> {
  const watched = new WatchedWorker(start, name);
  return { watched, remote: remoteAt<Lab>(watched.worker) };
}
