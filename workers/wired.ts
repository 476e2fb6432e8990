import { asLabError, fromWire, isWireError, LabError, toWire } from '../src/core/errors.ts';

/** Comlink clones only name, message and stack of an Error, so errors leave as plain data. */
export async function wired<T>(job: Promise<T>): Promise<T> {
  try {
    return await job;
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the wire's form of an error is a plain object
    throw toWire(error);
  }
}

/** The other end, where one worker asks another: plain data becomes an error again. */
export async function unwired<T>(job: Promise<T>): Promise<T> {
  try {
    return await job;
  } catch (error) {
    throw isWireError(error) && !(error instanceof LabError) ? fromWire(error) : asLabError(error);
  }
}

/** Rejects with `device` when a worker dies, which no call to it would ever tell. */
export function crashOf(worker: Worker, name: string, nextStep: string): Promise<never> {
  const crashed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', ({ message }) => {
      reject(new LabError('device', `${name} crashed${message ? `: ${message}` : ''}.`, nextStep));
    });
  });
  crashed.catch(() => undefined); // heard by the calls under way, if there are any
  return crashed;
}
