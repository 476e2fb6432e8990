import { expect, it } from 'vitest';
import { stageSteps } from '../../../../../src/labs/study/analysis/stage-jumps.ts';

it('steps from the last checkpoint of a stage to that of the next', () => {
  expect(stageSteps(['pretraining', 'pretraining', 'midtraining', 'SFT', 'SFT', 'SFT', 'DPO'])).toEqual([
    { from: 1, to: 2 },
    { from: 2, to: 5 },
    { from: 5, to: 6 },
  ]);
});

it('passes over checkpoints without a stage', () => {
  expect(stageSteps(['SFT', null, 'DPO', null])).toEqual([{ from: 0, to: 2 }]);
  expect(stageSteps([null, null])).toEqual([]);
  expect(stageSteps(['SFT'])).toEqual([]);
});
