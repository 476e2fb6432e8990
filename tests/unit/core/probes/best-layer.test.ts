import { describe, expect, it } from 'vitest';
import { bestLayer, bestSteeringLayer } from '../../../../src/core/probes/best-layer.ts';

describe('the best layer', () => {
  it.each([
    [[0.5, 0.9, 0.7], 1],
    [[0.9, 0.9, 0.9, 0.9], 1], // after half of them
    [[NaN, 0.6, NaN], 1],
    [[NaN], null],
    [[], null],
  ])('of %j is %j', (aurocs, layer) => {
    expect(bestLayer(aurocs)).toBe(layer);
  });

  it('to steer at is none of the last fifth, and of equal ones the one nearest to half of all', () => {
    expect(bestSteeringLayer([0.5, 0.6, 0.7, 0.8, 0.9])).toBe(3);
    expect(bestSteeringLayer(Array.from({ length: 10 }, () => 1))).toBe(4);
    expect(bestSteeringLayer([0.7])).toBe(0);
  });
});
