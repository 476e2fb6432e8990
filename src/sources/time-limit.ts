/** Rejects if `job` has not settled in time, since some storage never answers. A later result of the job is ignored. */
export async function withinTime<T>(job: Promise<T>, limitMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not answer within ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([job, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
