import { describe, expect, it } from 'vitest';
import { DIRECTION_NAMES } from '../../../../src/core/categories.ts';
import type { CategoryDirections } from '../../../../src/labs/steer/category-directions.ts';
import { projectionsOn, pushVector, steeringTensor } from '../../../../src/labs/steer/steering.ts';
import { settings } from '../../../support/made-up-lab.ts';

/** Two layers in three dimensions; direction i of layer l is (i + 1, l, 0). */
const DIRECTIONS: CategoryDirections = [0, 1].map((layer) =>
  DIRECTION_NAMES.map((name, i) => ({
    name,
    vector: Float32Array.of(i + 1, layer, 0),
    norm: Math.hypot(i + 1, layer),
    harmfulMean: 1,
    safeMean: 0,
    auroc: 1,
    certainty: 1,
  })),
);
const [first, second] = DIRECTION_NAMES;

describe('pushVector', () => {
  it('adds up λ times each direction of the layer', () => {
    const lambdas = { [first]: 2, [second]: -1 };
    expect(pushVector(DIRECTIONS, settings({ lambdas }), 'prompt', 3)).toEqual(Float32Array.of(2 * 1 - 2, 2 - 1, 0));
    expect(pushVector(DIRECTIONS, settings({ lambdas, layer: 0 }), 'prompt', 3)).toEqual(Float32Array.of(0, 0, 0));
  });

  it.each([
    ['all', 'prompt', true],
    ['all', 'generated', true],
    ['prompt', 'prompt', true],
    ['prompt', 'generated', false],
    ['generated', 'prompt', false],
    ['generated', 'generated', true],
  ] as const)('with positions “%s” acts on the %s: %s', (positions, phase, acts) => {
    const push = pushVector(DIRECTIONS, settings({ positions, lambdas: { [first]: 1 } }), phase, 3);
    expect(push.some((value) => value !== 0)).toBe(acts);
  });

  it('names a layer that is not there, whatever the phase', () => {
    for (const layer of [2, -1, 0.5]) {
      expect(() => pushVector(DIRECTIONS, settings({ layer, positions: 'generated' }), 'prompt', 3)).toThrow(
        expect.objectContaining({ code: 'bad-request', message: `There is no layer ${layer}.` }) as Error,
      );
    }
  });

  it('names a λ that is not a number', () => {
    expect(() => pushVector(DIRECTIONS, settings({ lambdas: { [second]: NaN } }), 'prompt', 3)).toThrow(
      `λ of ${second} is NaN.`,
    );
  });
});

describe('steeringTensor', () => {
  it('puts the push at one layer and row of [layers, rows, hidden]', () => {
    const tensor = steeringTensor(Float32Array.of(1, 2), { layers: 2, rows: 2 }, { layer: 1, row: 0 });
    expect(tensor).toEqual(Float32Array.of(0, 0, 0, 0, 1, 2, 0, 0));
  });
});

describe('projectionsOn', () => {
  it('is a·d / ‖d‖ on each direction', () => {
    const [, layer = []] = DIRECTIONS;
    const projections = projectionsOn(layer, Float32Array.of(3, 4, 100));
    expect(projections[0]).toBeCloseTo((3 + 4) / Math.SQRT2, 6);
    expect(projections).toHaveLength(DIRECTION_NAMES.length);
  });
});
