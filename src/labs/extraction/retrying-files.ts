/** Files of a checkpoint whose source fails for a while: every read is tried again until it comes, or the job is stopped. */
import { pause } from '../../engine/device/event-loop.ts';
import { asLabError, LabError } from '../../core/errors.ts';
import { folderNames, type CheckpointFiles } from '../../engine/checkpoint/checkpoint-files.ts';

/** What a job waits for: shown to the reader, and to whoever knows when trying again makes sense. */
export interface Waiting {
  readonly error: LabError; // of the read that failed
  readonly attempt: number; // failures in a row, from 1
  readonly delayMs: number; // after which to try again, if nothing better is known
}

/**
 * Resolves when the read should be tried again: after `delayMs`, or when the network is back. Rejects, or resolves at once, where the
 * signal fires.
 */
export type WaitFor = (waiting: Waiting, signal: AbortSignal) => Promise<void>;

/** Waits for the delay and nothing else. */
export const waitDelay: WaitFor = ({ delayMs }, signal) => pause(delayMs, signal);

export interface Patience {
  readonly waitFor: WaitFor;
  readonly signal: AbortSignal;
  readonly onWaiting: (waiting: Waiting | null) => void; // null: it goes on
}

const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 120_000; // a server that was down all night is found again within two minutes

/** 1, 2, 4, … seconds, up to two minutes. */
function backoffMs(attempt: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
}

/** The same files; reads that fail with a `fetch` error are tried again for as long as it takes. Other errors pass. */
export function patientFiles(files: CheckpointFiles, patience: Patience): CheckpointFiles {
  return {
    label: files.label,
    list: (folder) => patiently(() => folderNames(files, folder), patience),
    open: async (file) => {
      const source = await patiently(() => files.open(file), patience);
      if (source === null) return null;
      const { name, byteLength } = source;
      return { name, byteLength, slice: (start, end) => patiently(() => source.slice(start, end), patience) };
    },
  };
}

/** Tries a job until it gives something, or fails with another error than `fetch`. */
export async function patiently<T>(job: () => Promise<T>, { waitFor, signal, onWaiting }: Patience): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await job();
      if (attempt > 1) onWaiting(null);
      return result;
    } catch (thrown) {
      const error = asLabError(thrown);
      if (error.code !== 'fetch') throw error;
      const waiting = { error, attempt, delayMs: backoffMs(attempt) };
      onWaiting(waiting);
      await waitFor(waiting, signal);
      if (signal.aborted) throw new LabError('interrupted', 'The extraction was stopped.', 'Start it again.');
    }
  }
}
