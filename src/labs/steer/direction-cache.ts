/** Where computed directions rest between visits: the same inputs have the same key on every machine. */
import type { KeyValueStore } from '../../core/key-value-store.ts';
import { DIRECTION_NAMES } from '../../core/categories.ts';
import type { CategoryDirections } from './category-directions.ts';

/** Of the stored value: raise it when `CategoryDirections` changes, or what a precision computes (2: int8 with a scale a token). */
const FORMAT = 2;

/** Everything that the directions depend on. */
export interface DirectionInputs {
  readonly checkpointDigest: string; // SHA-256 of the weights
  readonly promptDigest: string; // SHA-256 of the prompt sets
  readonly pooling: string;
  readonly template: string;
  readonly precision: string;
}

/** The template's part of a key; its number is raised when a chat template gives different tokens from earlier builds. */
export const templateKey = (template: string): string => (template === 'chat' ? 'chat.2' : template);

export function directionKey(inputs: DirectionInputs): string {
  const { checkpointDigest, promptDigest, pooling, template, precision } = inputs;
  return [
    'directions',
    FORMAT,
    checkpointDigest,
    promptDigest,
    'resid_post.*',
    pooling,
    templateKey(template),
    precision,
  ].join('/');
}

/** The stored directions; null if there are none, or they are in a format that this build does not use. */
export async function readDirections(store: KeyValueStore, key: string): Promise<CategoryDirections | null> {
  const value = await store.get(key);
  return isCategoryDirections(value) ? value : null;
}

export async function writeDirections(store: KeyValueStore, key: string, value: CategoryDirections): Promise<void> {
  await store.set(key, value);
}

function isCategoryDirections(value: unknown): value is CategoryDirections {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (layer: unknown) =>
        Array.isArray(layer) &&
        layer.length === DIRECTION_NAMES.length &&
        layer.every(
          (entry: { vector?: unknown; norm?: unknown } | null) =>
            entry?.vector instanceof Float32Array && isLength(entry.norm),
        ),
    )
  );
}

/** A valid length; 0 if both classes have the same mean at a layer. */
const isLength = (norm: unknown): boolean => typeof norm === 'number' && norm >= 0 && norm < Infinity;
