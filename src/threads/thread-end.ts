/** Why a worker ended, as the error that its pending calls reject with. */
import type { Activity, ActivityKind } from '../core/activity.ts';
import { LabError } from '../core/errors.ts';
import { shown } from '../core/text/quote.ts';

export interface ThreadName {
  readonly name: string; // at the start of a sentence: “The model worker”
  readonly nextStep: string; // after it crashed or was ended
}

export type ThreadEnd =
  | { readonly kind: 'not-started'; readonly reason: string }
  | { readonly kind: 'crashed'; readonly reason: string }
  | { readonly kind: 'closed' } // without an error: it closed itself, or the browser ended it
  | { readonly kind: 'silent'; readonly ms: number; readonly activity: Activity | null };

const START_AGAIN =
  'Check the network connection, and that no extension or browser policy blocks workers. Then try again.';

const WHILE: Readonly<Record<ActivityKind, string>> = {
  tokenizer: 'tokenizing prompts',
  session: 'compiling the model',
  model: 'running the model',
};

/** The error for the end of a worker. `doing`: its task, as in “while converting a checkpoint”. */
export function threadError({ name, nextStep }: ThreadName, end: ThreadEnd, doing: string | null): LabError {
  const during = doing === null ? '' : ` while ${doing}`;
  switch (end.kind) {
    case 'not-started':
      return new LabError('device', `${name} could not be started: ${shown(end.reason)}.`, START_AGAIN);
    case 'crashed':
      return new LabError('device', `${name} crashed${during}${end.reason === '' ? '' : `: ${shown(end.reason)}`}.`, nextStep); // prettier-ignore
    case 'closed':
      return new LabError('device', `${name} ended unexpectedly${during}.`, nextStep);
    case 'silent':
      return silentError({ name, nextStep }, end.activity, Math.round(end.ms / 1000), during);
  }
}

function silentError(
  { name, nextStep }: ThreadName,
  activity: Activity | null,
  seconds: number,
  during: string,
): LabError {
  if (activity?.kind === 'tokenizer') {
    const whose = activity.of === '' ? 'it' : `that of ${shown(activity.of)}`;
    const problem = `This checkpoint’s tokenizer (or chat template) takes too long: ${whose} has kept ${name.toLowerCase()} busy for ${seconds} seconds.`; // prettier-ignore
    return new LabError('config', problem, 'Use another checkpoint, or leave this one out.');
  }
  const last = activity === null ? during : ` while ${WHILE[activity.kind]}`;
  return new LabError('device', `${name} stopped answering${last}; it was ended after ${seconds} seconds.`, nextStep);
}

/** The error for a worker that was ended because it did not stop when asked. */
export function stoppedError({ name, nextStep }: ThreadName): LabError {
  return new LabError('interrupted', `${name} did not stop when asked, so it was ended.`, nextStep);
}
