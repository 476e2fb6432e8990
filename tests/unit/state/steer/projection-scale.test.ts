import { describe, expect, test } from 'vitest';
import { niceTicks, placeBetweenMeans, projectionScale, tintOf } from '../../../../src/state/steer/projection-scale.ts';

const scale = projectionScale({ name: 'general', norm: 2, safeMean: 1, harmfulMean: 3, auroc: 0.9, certainty: 0.99 });

describe('the scale of projections', () => {
  test('is neutral halfway between the means and reaches half as far again beyond them', () => {
    expect(scale).toMatchObject({ low: 0.5, high: 3.5, safeMean: 1, harmfulMean: 3 });
    expect(tintOf(scale, 2)).toBeNull();
  });

  test('tints each side by how far out a value lies', () => {
    expect(tintOf(scale, 3)).toEqual({ side: 'harmful', strength: 0.65 }); // two thirds, in steps of 1/20
    expect(tintOf(scale, 1)).toEqual({ side: 'safe', strength: 0.65 });
    expect(tintOf(scale, 99)).toEqual({ side: 'harmful', strength: 1 });
    expect(tintOf(scale, -99)).toEqual({ side: 'safe', strength: 1 });
  });

  test('has no tint for what is not a number, and none at all when the means coincide', () => {
    expect(tintOf(scale, NaN)).toBeNull();
    const flat = projectionScale({
      name: 'general',
      norm: 0,
      safeMean: 1,
      harmfulMean: 1,
      auroc: 0.5,
      certainty: 0.99,
    });
    expect(flat.ticks).toEqual([]);
    expect(tintOf(flat, 5)).toBeNull();
  });

  test('places values between the means: 0 safe, 1 harmful', () => {
    expect(placeBetweenMeans(scale, 1)).toBe(0);
    expect(placeBetweenMeans(scale, 3)).toBe(1);
    expect(placeBetweenMeans(scale, 5)).toBe(2);
  });
});

describe('ticks', () => {
  test.each([
    [0.5, 3.5, [1, 2, 3]],
    [-0.35, 0.31, [-0.2, 0, 0.2]],
    [-12, 47, [0, 20, 40]],
  ])('from %d to %d', (low, high, ticks) => {
    expect(niceTicks(low, high, 5)).toEqual(ticks);
  });

  test('none where there is no span', () => {
    expect(niceTicks(1, 1, 5)).toEqual([]);
    expect(niceTicks(NaN, 1, 5)).toEqual([]);
  });
});
