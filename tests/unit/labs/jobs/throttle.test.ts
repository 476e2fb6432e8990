import { expect, it, vi } from 'vitest';
import { Throttle } from '../../../../src/labs/jobs/throttle.ts';

it('lets one job through at a time, then none for a while, but one that is urgent', async () => {
  vi.useFakeTimers();
  const pace = new Throttle();
  const run: string[] = [];
  const job = (name: string, ms: number) => async (): Promise<void> => {
    run.push(name);
    await new Promise((resolve) => setTimeout(resolve, ms));
  };
  const first = pace.run(job('first', 400), false);
  await pace.run(job('beside it', 0), false);
  await vi.advanceTimersByTimeAsync(400);
  await first;
  await vi.advanceTimersByTimeAsync(1900);
  await pace.run(job('too soon after it', 0), false);
  const urgent = pace.run(job('urgent', 0), true);
  await vi.advanceTimersByTimeAsync(0);
  await urgent;
  await vi.advanceTimersByTimeAsync(1000);
  const failed = pace.run(() => Promise.reject(new Error('full')), false);
  await expect(failed).rejects.toThrow('full');
  await vi.advanceTimersByTimeAsync(1000);
  const last = pace.run(job('after a failed one', 0), false);
  await vi.advanceTimersByTimeAsync(0);
  await last;
  expect(run).toEqual(['first', 'urgent', 'after a failed one']);
  vi.useRealTimers();
});
