import { enterActivity } from '../src/core/activity.ts';
import { asLabError, fromWire, isWireError, LabError, toWire } from '../src/core/errors.ts';

/** Comlink clones only name, message and stack of an Error, so errors leave as plain data. */
export async function wired<T>(job: Promise<T>): Promise<T> {
  try {
    return await job;
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the wire's form of an error is a plain object
    throw toWire(error);
  } finally {
    enterActivity(null);
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
