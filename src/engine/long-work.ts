/**
 * Work that nothing can interrupt from inside its thread: a tokenizer's regular expression, which a file from anywhere brings along, may
 * take longer than anyone waits. Who runs the engine says how such work is guarded. The command line ends it after a while; a worker
 * of the page tells its page before and after it, as `onLongWork` is told, and the page ends the worker.
 */
import { LabError } from '../core/errors.ts';

/** Does the work. `what` names it for `tookTooLong`: `tokenizer of tiny-olmo3@Instruct`. */
export type WorkGuard = <T>(what: string, work: () => T) => T;

let guard: WorkGuard = (_, work) => work();

/** Sets how this thread's long work is done, for all of the engine. */
export function guardLongWork(next: WorkGuard): void {
  guard = next;
}

/** Has this thread's long work announced: `what` just before, null right after. */
export function onLongWork(tell: (what: string | null) => void): void {
  guardLongWork((what, work) => {
    tell(what);
    try {
      return work();
    } finally {
      tell(null);
    }
  });
}

export const asLongWork: WorkGuard = (what, work) => guard(what, work);

/** What a reader is told when such work was ended. */
export function tookTooLong(what: string): LabError {
  const nextStep = 'A regular expression in its tokenizer.json may not end on some texts. Open another checkpoint, or correct that file.'; // prettier-ignore
  return new LabError('format', `This checkpoint’s tokenizer takes too long (${what}).`, nextStep);
}
