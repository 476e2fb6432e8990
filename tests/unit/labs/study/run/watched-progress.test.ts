import { expect, test } from 'vitest';
import { WatchedProgress } from '../../../../../src/labs/study/run/watched-progress.ts';
import type { StudyProgress } from '../../../../../src/labs/study/study-messages.ts';

const PROGRESS: StudyProgress = {
  ...{ status: 'running', phase: 'extracting', waitingFor: null, unitsDone: 1, units: 9, secondsLeft: 3, underWay: [] },
};

test('a study that reports nothing still tells of the thread that has been silent the longest', () => {
  const told: StudyProgress[] = [];
  const heard = new WatchedProgress((progress) => told.push(progress));
  const [one, other] = [{}, {}];
  heard.onSilence(one, 5000); // before there is anything to tell it with
  expect(told).toEqual([]);
  heard.onProgress(PROGRESS);
  expect(told.at(-1)).toEqual({ ...PROGRESS, silentMs: 5000 });
  heard.onSilence(other, 15_000);
  expect(told.at(-1)?.silentMs).toBe(15_000);
  heard.onSilence(other, 0);
  expect(told.at(-1)?.silentMs).toBe(5000);
  heard.onSilence(one, 0);
  expect(told.at(-1)).toEqual(PROGRESS);
});
