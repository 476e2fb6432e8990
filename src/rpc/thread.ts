/** A worker with a watchdog, and the object that it serves. */
import type { ThreadName } from '../threads/thread-end.ts';
import { WatchedWorker } from '../threads/watched-worker.ts';
import { remoteAt, type Remote } from './remote.ts';

export interface Thread<Lab> {
  readonly watched: WatchedWorker;
  readonly remote: Remote<Lab>;
}

/**
 * Starts a worker that calls `serve`. `onSilence` hears for how many milliseconds it has not answered, and 0 once it does again.
 * @throws LabError `device`, where the browser starts no worker
 */
export function startThread<Lab>(start: () => Worker, name: ThreadName, onSilence?: (ms: number) => void): Thread<Lab> {
  const watched = new WatchedWorker(start, name, onSilence);
  return { watched, remote: remoteAt<Lab>(watched.worker) };
}
