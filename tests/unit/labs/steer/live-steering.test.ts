import { expect, test } from 'vitest';
import { LiveSteering } from '../../../../src/labs/steer/live-steering.ts';
import { settings } from '../../../support/made-up-lab.ts';

const first = settings({ lambdas: { general: 1 } });
const second = settings({ lambdas: { general: 2 } });
const third = settings({ lambdas: { general: 3 } });
const MOVES = [
  { index: 2, steering: second },
  { index: 4, steering: third },
] as const;

const over = (live: LiveSteering): unknown[] => [0, 1, 2, 3, 4, 5].map((index) => live.at(index));

test('planned moves come at their tokens', () => {
  expect(over(new LiveSteering(first, MOVES))).toEqual([first, first, second, second, third, third]);
});

test('a move by hand takes the place of every planned one', () => {
  const live = new LiveSteering(first, MOVES);
  const byHand = settings({ layer: 2 });
  live.move(byHand);
  expect(over(live)).toEqual([first, byHand, byHand, byHand, byHand, byHand]);
});

test('an answer begins with what it was asked for, though a slider has moved before its first token', () => {
  const live = new LiveSteering(first);
  live.move(second);
  expect([live.at(0), live.at(1)]).toEqual([first, second]);
});
