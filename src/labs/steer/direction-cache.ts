/** Where computed directions rest between visits: the same inputs have the same key on every machine. */
import type { KeyValueStore } from '../../core/key-value-store.ts';
import { DIRECTION_NAMES } from '../../core/categories.ts';
import type { ClassSums } from './activation-sums.ts';
import type { CategoryDirections } from './category-directions.ts';
import type { SavedGrowth } from './growing-directions.ts';

/** Of the stored value: raise it when `SavedGrowth` changes, or what a precision computes (2: int8 with a scale a token; 3: growing). */
const FORMAT = 3;

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

/** What is stored; null if there is nothing, or it is in a format that this build does not use. */
export async function readGrowth(store: KeyValueStore, key: string, size: number): Promise<SavedGrowth | null> {
  const value = await store.get(key);
  return isSavedGrowth(value, size) ? value : null;
}

export async function writeGrowth(store: KeyValueStore, key: string, value: SavedGrowth): Promise<void> {
  await store.set(key, value);
}

/** `size`: layers · hidden. */
function isSavedGrowth(value: unknown, size: number): value is SavedGrowth {
  const { read, classes, heldOut, snapshots } = (value ?? {}) as { [Key in keyof SavedGrowth]?: unknown };
  return (
    Number.isInteger(read) &&
    classes instanceof Map &&
    [...(classes.values() as Iterable<Partial<ClassSums> | null>)].every(
      (one) => one?.counts?.length === 2 && one.sums?.every((sum) => isVector(sum, Float64Array, size)) === true,
    ) &&
    heldOut instanceof Map &&
    [...(heldOut.values() as Iterable<unknown>)].every(
      (rows) => Array.isArray(rows) && rows.every((row) => isVector(row, Float32Array, size)),
    ) &&
    Array.isArray(snapshots) &&
    snapshots.every((one: { layers?: unknown } | null) => isCategoryDirections(one?.layers))
  );
}

const isVector = (value: unknown, type: typeof Float32Array | typeof Float64Array, size: number): boolean =>
  value instanceof type && value.length === size;

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
