/** Rejects where `job` has not settled by then: some storage never answers. What it still does is of no interest. */
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
