/** The extraction worker's side of the thread that fetches: checkpoints opened there, their files read here. */
import { transfer } from 'comlink';
import { asLabError, LabError } from '../src/core/errors.ts';
import { channelFiles } from '../src/sources/files-channel.ts';
import type { CheckpointOpener } from '../src/labs/models/checkpoint-opener.ts';
import type { HubAccess } from '../src/labs/models/models-messages.ts';
import type { WaitNotice } from '../src/labs/models/open-checkpoint-files.ts';
import type { ThreadName } from '../src/threads/thread-end.ts';
import { startThread } from '../src/rpc/thread.ts';
import type { CheckpointServer } from './checkpoints.worker.ts';

const NAME: ThreadName = {
  name: 'The worker that fetches checkpoints',
  nextStep: 'Start again: it resumes where it stopped.',
};
const stopped = (): LabError => new LabError('interrupted', 'Opening checkpoints was stopped.', 'Start it again.');

/**
 * Starts the thread. Everything asked of it rejects with `interrupted` when `signal` fires, and with why the thread is no more when it
 * dies, which `onLost` hears too.
 */
export function openCheckpoints(
  access: HubAccess,
  signal: AbortSignal,
  onWait: (notice: WaitNotice) => void,
  onLost: () => void = () => undefined,
): CheckpointOpener {
  const { watched, remote } = startThread<CheckpointServer>(startCheckpointsWorker, NAME);
  const over = new AbortController();
  signal.addEventListener('abort', () => {
    over.abort(stopped());
    watched.end(stopped());
  });
  // Its files are read over ports of their own at any time, so it is watched for as long as it lives.
  const living = watched.during(new Promise<never>(() => undefined), 'fetching checkpoints');
  living.catch((error: unknown) => {
    over.abort(asLabError(error));
    onLost();
  });
  return {
    open: async (place) => {
      const { port1, port2 } = new MessageChannel();
      const opening = remote.open(place, access, transfer(port2, [port2]), onWait);
      const { commit, label } = await watched.during(opening);
      return { commit, files: channelFiles(label, port1, over.signal) };
    },
    close: () => watched.end(stopped()),
  };
}

function startCheckpointsWorker(): Worker {
  // Vite bundles the worker only when its address is written right here.
  return new Worker(new URL('./checkpoints.worker.ts', import.meta.url), {
    type: 'module',
    name: 'harmscope-checkpoints',
  });
}
