/** Progress of a comparison of prompts, which lets messages in. */
import type { OnPromptProgress } from './prompt-library-parts.ts';
import { LabError } from '../../core/errors.ts';
import { yieldToEventLoop } from '../../engine/device/event-loop.ts';

/** Called during a comparison: reports progress, lets the worker receive messages, and stops after an abort. */
export function breathing(
  signal: AbortSignal,
  total: number,
  onProgress: OnPromptProgress,
): (done: number) => Promise<void> {
  return async (done) => {
    onProgress({ phase: 'comparing', done, total, rows: total, waiting: null });
    await yieldToEventLoop();
    if (signal.aborted) throw stopped();
  };
}

export const stopped = (): LabError => new LabError('interrupted', 'The job was stopped.', 'Start it again.');
