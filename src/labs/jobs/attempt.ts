import { asLabError } from '../../core/errors.ts';

/** A storage job whose failure is told, not fatal: the lab works without storage. */
export async function attempt<T>(job: () => Promise<T>): Promise<{ value: T | null; problem: string | null }> {
  try {
    return { value: await job(), problem: null };
  } catch (error) {
    return { value: null, problem: asLabError(error).message };
  }
}
