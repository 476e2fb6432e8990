/// <reference lib="webworker" />
import { expose } from 'comlink';
import { tellActivities } from '../src/core/activity.ts';
import { signalOf, type ThreadSignal } from '../src/threads/thread-signals.ts';

const tell = (signal: ThreadSignal): void => self.postMessage(signal);

/** Offers this worker's calls, and to whoever watches over it, what shows that it lives: see src/threads/watched-worker.ts. */
export function exposeWatched(api: object): void {
  expose(api);
  self.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (signalOf(data)?.harmscope === 'ping') tell({ harmscope: 'pong' });
  });
  tellActivities((activity) => tell({ harmscope: 'activity', activity }));
  tell({ harmscope: 'alive' });
  const { locks } = navigator as { readonly locks?: LockManager }; // absent where a page is not secure
  const name = `harmscope-thread-${Math.random()}-${Date.now()}`;
  void locks?.request(name, () => {
    tell({ harmscope: 'lock', name });
    return new Promise<never>(() => undefined); // held until this worker is no more, however it ends
  });
}
