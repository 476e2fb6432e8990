import { toWire } from '../src/core/errors.ts';

/** Comlink clones only name, message and stack of an Error, so errors leave as plain data. */
export async function wired<T>(job: Promise<T>): Promise<T> {
  try {
    return await job;
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the wire's form of an error is a plain object
    throw toWire(error);
  }
}
