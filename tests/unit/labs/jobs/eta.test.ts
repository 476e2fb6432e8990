import { expect, it } from 'vitest';
import { Eta } from '../../../../src/labs/jobs/eta.ts';

it('estimates from the finished work of all workers, and leaves paused time out', () => {
  let now = 0;
  const eta = new Eta(() => now);
  eta.plan(100);
  eta.start();
  expect(eta.secondsLeft).toBeNull();
  now = 10_000;
  eta.reach('a', 10);
  eta.reach('b', 10);
  expect(eta.secondsLeft).toBe(40); // 20 of 100 in 10 s
  eta.stop();
  now = 500_000;
  eta.start();
  expect(eta.secondsLeft).toBe(40);
  eta.finish('a', 20);
  eta.drop('b');
  expect(eta.secondsLeft).toBe(40);
  eta.skip(40);
  expect(eta.secondsLeft).toBe(20);
  eta.plan(50);
  expect(eta.secondsLeft).toBeNull();
});
