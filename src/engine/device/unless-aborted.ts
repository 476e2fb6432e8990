import type { LabError } from '../../core/errors.ts';

/** A job's result, or `error()` as soon as the signal fires; the job is then left to itself. */
export function unlessAborted<T>(job: Promise<T>, signal: AbortSignal, error: () => LabError): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(error());
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    job.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
