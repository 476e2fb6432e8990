/** Work that a file's regular expression may never end, ended after a while. */
import { createContext, Script } from 'node:vm';
import { tookTooLong, type WorkGuard } from '../src/engine/tokens/long-work.ts';

const SECONDS = 20; // no tokenizer needs a hundredth of it for a text that a model can read

/**
 * Node ends what a script calls once its time is up, even in the middle of a regular expression, and goes on. Starting that clock
 * takes a fifth of a millisecond, so only work that may not end is given here.
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

/** Node's error is one of the script's realm, so it is no `Error` of this one. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}
