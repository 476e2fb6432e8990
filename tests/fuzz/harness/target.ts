import type fc from 'fast-check';

/** One reader of bytes that others made, with the inputs that it is tried on. */
export interface FuzzTarget {
  readonly name: string;
  readonly arbitrary: fc.Arbitrary<unknown>;
  /**
   * Reads the input. A `LabError` is a fair answer, as long as it is one that a reader can use; anything else that it throws is a
   * fault, a `Broken` among them.
   */
  readonly check: (input: unknown) => Promise<void>;
}

/** What was read is not as the reader promises. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** Throws `Broken` where a promise is not held. */
export function hold(isHeld: boolean, promise: string): void {
  if (!isHeld) throw new Broken(promise);
}

/** The same with the input's type forgotten, so that targets of different inputs stand in one list. */
export function defineTarget<T>(
  name: string,
  arbitrary: fc.Arbitrary<T>,
  check: (input: T) => void | Promise<void>,
): FuzzTarget {
  return { name, arbitrary, check: async (input) => check(input as T) };
}
