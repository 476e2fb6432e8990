/**
 * Work that nothing can interrupt from inside its thread: a tokenizer's regular expression, which a file from anywhere brings along, may
 * take longer than anyone waits. Whoever runs the engine says how such work is guarded: the command line ends it after a while. Workers of
 * the page have a watchdog instead (`src/threads`), which ends a thread that stays silent.
 */
import { LabError } from '../../core/errors.ts';

/** Does the work. `what` names it for `tookTooLong`: `tokenizer of tiny-olmo3@Instruct`. */
export type WorkGuard = <T>(what: string, work: () => T) => T;

let guard: WorkGuard = (_, work) => work();

/** Sets how this thread's long work is done, for all of the engine. */
export function guardLongWork(next: WorkGuard): void {
  guard = next;
}

export const asLongWork: WorkGuard = (what, work) => guard(what, work);

/** What a reader is told when such work was ended. */
export function tookTooLong(what: string): LabError {
  const nextStep = 'A regular expression in its tokenizer.json may not end on some texts. Open another checkpoint, or correct that file.'; // prettier-ignore
  return new LabError('format', `This checkpoint’s tokenizer takes too long (${what}).`, nextStep);
}
