/** A time limit for work with a file's regular expressions, which may never finish. */
import { createContext, Script } from 'node:vm';
import { tookTooLong, type WorkGuard } from '../src/engine/tokens/long-work.ts';

const SECONDS = 20; // no tokenizer needs a hundredth of this for a text that fits a model's context

/**
 * Runs work with a time limit: Node interrupts a script when its time is up, even inside a regular expression. Starting the timer
 * takes a fifth of a millisecond, so use this only for work that may not finish.
 */
export function limitLongWork(seconds = SECONDS): WorkGuard {
  const context = createContext({ work: null as unknown });
  const script = new Script('work()');
  return <T>(what: string, work: () => T): T => {
    context['work'] = work;
    try {
      return script.runInContext(context, { timeout: 1000 * seconds }) as T;
    } catch (error) {
      throw isTimeout(error) ? tookTooLong(what) : error;
    } finally {
      context['work'] = null;
    }
  };
}

/** Node's error comes from the script's realm, so it is not an `instanceof` this realm's `Error`. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
