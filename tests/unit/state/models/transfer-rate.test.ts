import { expect, test } from 'vitest';
import { TransferRate } from '../../../../src/state/models/transfer-rate.ts';

test('is what came over the last seconds', () => {
  const rate = new TransferRate();
  rate.note(5_000_000, 0); // done before
  expect(rate.perSecond).toBeNull();
  rate.note(5_000_100, 100);
  expect(rate.perSecond).toBeNull(); // too soon to say
  rate.note(6_000_000, 1000);
  expect(rate.perSecond).toBe(1_000_000);
  for (let second = 2; second <= 30; second++) rate.note(6_000_000 + second * 200_000, second * 1000);
  expect(rate.perSecond).toBe(200_000);
});

test('begins anew with another phase', () => {
  const rate = new TransferRate();
  rate.note(1_000_000, 0);
  rate.note(2_000_000, 1000);
  rate.note(0, 2000);
  expect(rate.perSecond).toBeNull();
});
