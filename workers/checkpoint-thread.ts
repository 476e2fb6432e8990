/** The extraction worker's side of the thread that fetches: checkpoints opened there, their files read here. */
import { proxy, transfer, wrap } from 'comlink';
import { asLabError, fromWire, isWireError, LabError } from '../src/core/errors.ts';
import { channelFiles } from '../src/sources/files-channel.ts';
import type { CheckpointOpener } from '../src/study/checkpoint-opener.ts';
import type { HubAccess } from '../src/study/library-messages.ts';
import type { WaitNotice } from '../src/study/locate-checkpoint.ts';
import type { CheckpointsWorkerApi } from './checkpoints.worker.ts';

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
  const ended = new Promise<never>((_, reject) => {
    const stop = (): void => reject(new LabError('interrupted', 'Opening checkpoints was stopped.', 'Start it again.'));
    signal.addEventListener('abort', stop);
    worker.addEventListener('error', ({ message }) => {
      const nextStep = 'Reload the page: the extraction goes on where it was.';
      reject(new LabError('device', `The worker that fetches checkpoints crashed: ${message}`, nextStep));
    });
  });
  ended.catch(() => undefined); // heard by the calls under way, if there are any
  const hear = proxy(onWait);
  return {
    open: async (place) => {
      const { port1, port2 } = new MessageChannel();
      try {
        const opening = remote.open(place, access, transfer(port2, [port2]), hear);
        const { commit, label } = await Promise.race([opening, ended]);
        return { commit, files: channelFiles(label, port1, signal) };
      } catch (error) {
        throw isWireError(error) && !(error instanceof LabError) ? fromWire(error) : asLabError(error);
      }
    },
    close: () => worker.terminate(),
  };
}
