/** The extraction worker's side of the thread that fetches: checkpoints opened there, their files read here. */
import { proxy, transfer, wrap } from 'comlink';
import { LabError } from '../src/core/errors.ts';
import { channelFiles } from '../src/sources/files-channel.ts';
import type { CheckpointOpener } from '../src/study/checkpoint-opener.ts';
import type { HubAccess } from '../src/study/library-messages.ts';
import type { WaitNotice } from '../src/study/locate-checkpoint.ts';
import type { CheckpointsWorkerApi } from './checkpoints.worker.ts';
import { crashOf, unwired } from './wired.ts';

/** Starts the thread. Everything asked of it rejects with `interrupted` when `signal` fires. */
export function openCheckpoints(
  access: HubAccess,
  signal: AbortSignal,
  onWait: (notice: WaitNotice) => void,
): CheckpointOpener {
  // Vite bundles the worker only when its address is written right here.
  const worker = new Worker(new URL('./checkpoints.worker.ts', import.meta.url), {
    type: 'module',
    name: 'harmscope-checkpoints',
  });
  const remote = wrap<CheckpointsWorkerApi>(worker);
  const crashed = crashOf(worker, 'The worker that fetches checkpoints', 'Reload the page: the extraction goes on where it was.'); // prettier-ignore
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new LabError('interrupted', 'Opening checkpoints was stopped.', 'Start it again.'));
    signal.addEventListener('abort', stop);
  });
  stopped.catch(() => undefined); // heard by the calls under way, if there are any
  const hear = proxy(onWait);
  return {
    open: async (place) => {
      const { port1, port2 } = new MessageChannel();
      const opening = remote.open(place, access, transfer(port2, [port2]), hear);
      const { commit, label } = await unwired(Promise.race([opening, crashed, stopped]));
      return { commit, files: channelFiles(label, port1, signal) };
    },
    close: () => worker.terminate(),
  };
}
