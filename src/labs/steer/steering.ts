/** Turns λ for each direction into the tensor that the graph adds, and computes projections. */
import type { DirectionName } from '../../core/categories.ts';
import { LabError } from '../../core/errors.ts';
import { addScaled, dot } from '../../core/linalg/vectors.ts';
import type { RunPhase } from '../../engine/run/generate.ts';
import type { CategoryDirections, LayerDirection } from './category-directions.ts';

/** Which positions are steered. */
export type SteeringPositions = 'all' | 'prompt' | 'generated';

/** λ for each direction at one layer; several directions add up. */
export interface SteeringSettings {
  readonly layer: number;
  readonly positions: SteeringPositions;
  readonly lambdas: Readonly<Partial<Record<DirectionName, number>>>;
}

/** Whether two settings steer in the same way; a λ of zero counts as none. */
export function isSameSteering(one: SteeringSettings, other: SteeringSettings): boolean {
  if (one === other) return true;
  if (one.layer !== other.layer || one.positions !== other.positions) return false;
  const names = new Set([...Object.keys(one.lambdas), ...Object.keys(other.lambdas)]) as Set<DirectionName>;
  return [...names].every((name) => (one.lambdas[name] ?? 0) === (other.lambdas[name] ?? 0));
}

/**
 * The directions of one layer.
 * @throws LabError `bad-request`, when the model has no such layer
 */
export function directionsAt(directions: CategoryDirections, layer: number): readonly LayerDirection[] {
  const found = directions[layer];
  if (found === undefined) {
    throw new LabError('bad-request', `There is no layer ${layer}.`, `Choose one from 0 to ${directions.length - 1}.`);
  }
  return found;
}

/** Σ λ·d [hidden] at the settings' layer for a phase of a run; zeros if that phase is not steered. */
export function pushVector(
  directions: CategoryDirections,
  settings: SteeringSettings,
  phase: RunPhase,
  hiddenSize: number,
): Float32Array {
  const push = new Float32Array(hiddenSize);
  const atLayer = directionsAt(directions, settings.layer);
  if (settings.positions !== 'all' && settings.positions !== phase) return push;
  for (const { name, vector } of atLayer) {
    const lambda = settings.lambdas[name] ?? 0;
    if (!Number.isFinite(lambda)) throw new LabError('bad-request', `λ of ${name} is ${lambda}.`, 'Enter a number.');
    if (lambda !== 0) addScaled(push, lambda, vector);
  }
  return push;
}

/** A tensor [layers, rows, hidden]: `push` at one layer and row, zeros elsewhere. */
export function steeringTensor(
  push: Float32Array,
  shape: { readonly layers: number; readonly rows: number },
  at: { readonly layer: number; readonly row: number },
): Float32Array {
  const tensor = new Float32Array(shape.layers * shape.rows * push.length);
  tensor.set(push, (at.layer * shape.rows + at.row) * push.length);
  return tensor;
}

/** a·d/‖d‖ for each direction of a layer; 0 for a direction of length 0. */
export function projectionsOn(directions: readonly LayerDirection[], activation: Float32Array): number[] {
  return directions.map(({ vector, norm }) => (norm === 0 ? 0 : dot(activation, vector) / norm));
}
