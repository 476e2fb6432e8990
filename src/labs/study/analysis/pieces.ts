/** Parts of an analysis that stand by themselves: where one cannot be worked out, the rest stands and the reason is kept. */
import { LabError, type ErrorCode } from '../../../core/errors.ts';
import type { LeftOut } from '../../../formats/study/study-results.ts';

/** What is not the numbers' fault ends the whole: a store that refuses, a thread that is gone, somebody who stops it. */
const ENDS_ALL: readonly ErrorCode[] = ['storage', 'interrupted', 'device', 'fetch'];

export type Piece = Omit<LeftOut, 'reason'>;

export class Pieces {
  readonly leftOut: LeftOut[] = [];

  /** What `work` gives; `otherwise`, and the reason is kept, where it cannot be worked out. */
  try<T>(piece: Piece, otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.leftOut.push({ ...piece, reason: numericalError(error).message });
      return otherwise;
    }
  }

  /** As `try`, of what is under way already. */
  async later<T>(piece: Piece, otherwise: T, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      return this.try(piece, otherwise, () => {
        throw error;
      });
    }
  }

  /** As a field of results: absent where nothing is left out. */
  get field(): { readonly leftOut?: readonly LeftOut[] } {
    return this.leftOut.length === 0 ? {} : { leftOut: this.leftOut };
  }
}

/** A failure of the numbers as a typed error, whatever library it comes from. Throws what is another kind of failure. */
export function numericalError(error: unknown): LabError {
  if (!(error instanceof LabError)) {
    const reason = error instanceof Error ? error.message : String(error);
    return new LabError('bad-request', `the numbers cannot be worked out (${reason})`, 'Look at the checkpoint’s weights.', { cause: error }); // prettier-ignore
  }
  if (ENDS_ALL.includes(error.code)) throw error;
  return error;
}

/** @throws LabError `bad-request` where a number is NaN or infinite */
export function checkFinite(numbers: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isFinite(value)) throw new LabError('bad-request', `${name} is ${value}`, 'Look at the activations.');
  }
}
