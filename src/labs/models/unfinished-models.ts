import { isJsonObject } from '../../formats/bytes/json.ts';
import type { KeyValueStore } from '../../core/key-value-store.ts';
import type { Begun } from './models-messages.ts';

/** What the half-written model of that name was to become; null where it is not known. */
export async function readBegun(store: KeyValueStore, name: string): Promise<Begun | null> {
  const value = await store.get(name).catch(() => null); // storage that fails costs the comfort, not the list
  return isBegun(value) ? value : null;
}

function isBegun(value: unknown): value is Begun {
  if (!isJsonObject(value) || !isJsonObject(value['from'])) return false;
  const isText = (field: unknown): boolean => typeof field === 'string';
  return isText(value['label']) && isText(value['precision']) && isText(value['from']['kind']);
}
