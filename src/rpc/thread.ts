/** A worker with a watchdog, and the object that it serves. */
import type { ThreadName } from '../threads/thread-end.ts';
import { WatchedWorker } from '../threads/watched-worker.ts';
import { remoteAt, type Remote } from './remote.ts';

export interface Thread<Lab> {
  readonly watched: WatchedWorker;
  readonly remote: Remote<Lab>;
}

/**
 * Starts a worker that calls `serve`.
 * @param onSilence called with the number of milliseconds that the worker has not answered, and with 0 when it answers again
 * @throws LabError `device`, when the browser cannot start a worker
 */
export function startThread<Lab>(start: () => Worker, name: ThreadName, onSilence?: (ms: number) => void): Thread<Lab> {
  const watched = new WatchedWorker(start, name, onSilence);
  return { watched, remote: remoteAt<Lab>(watched.worker) };
}
