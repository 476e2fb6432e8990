/** Independent parts of an analysis: if one cannot be computed, the reason is recorded and the rest continues. */
import { LabError, type ErrorCode } from '../../../core/errors.ts';
import type { LeftOut } from '../../../formats/study/study-results.ts';

/** Errors not caused by the numbers end the whole analysis: storage failures, a lost thread, an abort. */
const ENDS_ALL: readonly ErrorCode[] = ['storage', 'interrupted', 'device', 'fetch'];

export type Piece = Omit<LeftOut, 'reason'>;

export class Pieces {
  readonly leftOut: LeftOut[] = [];

  /** The result of `work`; if it cannot be computed, records the reason and returns `otherwise`. */
  try<T>(piece: Piece, otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.leftOut.push({ ...piece, reason: numericalError(error).message });
      return otherwise;
    }
  }

  /** Like `try`, for work that has already started. */
  async later<T>(piece: Piece, otherwise: T, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      return this.try(piece, otherwise, () => {
        throw error;
      });
    }
  }

  /** As a field of results; absent if nothing was left out. */
  get field(): { readonly leftOut?: readonly LeftOut[] } {
    return this.leftOut.length === 0 ? {} : { leftOut: this.leftOut };
  }
}

/** Converts a numerical failure, from whatever library, to a typed error. Rethrows failures of other kinds. */
export function numericalError(error: unknown): LabError {
  if (!(error instanceof LabError)) {
    const reason = error instanceof Error ? error.message : String(error);
    return new LabError('bad-request', `the numbers cannot be computed (${reason})`, 'Check the checkpoint’s weights.', { cause: error }); // prettier-ignore
  }
  if (ENDS_ALL.includes(error.code)) throw error;
  return error;
}

/** @throws LabError `bad-request`, when a number is NaN or infinite */
export function checkFinite(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isFinite(value)) throw new LabError('bad-request', `${name} is ${value}`, 'Check the activations.');
  }
}
