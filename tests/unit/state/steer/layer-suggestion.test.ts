import { expect, test } from 'vitest';
import { generalAurocs, suggestedLayer } from '../../../../src/state/steer/layer-suggestion.ts';
import type { DirectionsSummary } from '../../../../src/labs/steer/steer-messages.ts';
import { DIRECTIONS } from '../../../support/fake-steer-client.ts';

const withAurocs = (aurocs: readonly (number | null)[], heldOut = 64): DirectionsSummary => ({
  ...DIRECTIONS,
  prompts: 64,
  read: 64 + heldOut,
  layers: aurocs.map((auroc) => (DIRECTIONS.layers[0] ?? []).map((one) => ({ ...one, auroc }))),
});

test('a layer is suggested by the general direction once enough prompts were held out', () => {
  const aurocs = [0.6, 0.7, 0.9, 0.8, 0.95];
  expect(generalAurocs(withAurocs(aurocs))).toEqual(aurocs);
  expect(suggestedLayer(withAurocs(aurocs))).toBe(2);
  expect(suggestedLayer(withAurocs(aurocs, 63))).toBeNull();
  expect(suggestedLayer(withAurocs([0.6, null, 0.9]))).toBeNull();
});
