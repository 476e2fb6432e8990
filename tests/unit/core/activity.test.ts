import { afterEach, expect, test, vi } from 'vitest';
import { duringActivity, enterActivity, tellActivities, type Activity } from '../../../src/core/activity.ts';

const TOKENIZER: Activity = { kind: 'tokenizer', of: 'a' };
const MODEL: Activity = { kind: 'model', of: '' };

afterEach(() => {
  tellActivities(null);
  vi.useRealTimers();
});

function heard(): (Activity | null)[] {
  const told: (Activity | null)[] = [];
  tellActivities((activity) => told.push(activity));
  return told;
}

test('an activity is told as it begins, and again once a second at most', () => {
  vi.useFakeTimers();
  const told = heard();
  for (let run = 0; run < 100; run++) enterActivity({ ...MODEL });
  expect(told).toEqual([MODEL]);
  vi.advanceTimersByTime(1000);
  for (let run = 0; run < 100; run++) enterActivity(MODEL);
  expect(told).toEqual([MODEL, MODEL]);
  enterActivity(null);
  enterActivity(null);
  expect(told).toEqual([MODEL, MODEL, null]);
});

test('what came before is told after a job, also after one that fails', () => {
  const told = heard();
  enterActivity(MODEL);
  expect(duringActivity(TOKENIZER, () => 3)).toBe(3);
  expect(() =>
    duringActivity(TOKENIZER, () => {
      throw new Error('no');
    }),
  ).toThrow('no');
  expect(told).toEqual([MODEL, TOKENIZER, MODEL, TOKENIZER, MODEL]);
});

test('turns of a loop that is told of cost no message, but give a sign of life each second', () => {
  vi.useFakeTimers();
  const told = heard();
  duringActivity(TOKENIZER, () => {
    for (let text = 0; text < 30; text++) {
      duringActivity({ kind: 'tokenizer', of: 'another' }, () => vi.advanceTimersByTime(100));
    }
  });
  expect(told).toEqual([TOKENIZER, TOKENIZER, TOKENIZER, null]);
});

test('a thread that nobody watches tells nobody', () => {
  enterActivity(MODEL);
  expect(duringActivity(TOKENIZER, () => 1)).toBe(1);
});
