/** What can become of a page's workers, and of the workers inside of those. */
import type { Page, Worker } from 'playwright-core';

/** Ends a worker without a word to anybody, as running out of memory can. `name`: of its script, as in `study`. */
export async function endWorker(page: Page, name: string): Promise<void> {
  const worker = workerOf(page, name);
  const closed = worker.waitForEvent('close');
  await worker.evaluate('self.close()').catch(() => undefined); // it may be gone before it has answered
  await closed;
}

/**
 * Has a worker do nothing any more but turn in a circle, in a task of its own: what the debugger evaluates outlives `terminate()`, and
 * with it the worker's locks and transactions.
 */
export async function hangWorker(page: Page, name: string): Promise<void> {
  await workerOf(page, name).evaluate('void setTimeout(() => { for (;;); })');
}

/** The newest of that name: those inside of a worker that was ended may still be listed. */
function workerOf(page: Page, name: string): Worker {
  const found = page.workers().findLast((worker) => worker.url().includes(`/${name}.worker`));
  if (found !== undefined) return found;
  throw new Error(
    `there is no ${name} worker among ${page
      .workers()
      .map((worker) => worker.url())
      .join(', ')}`,
  );
}
