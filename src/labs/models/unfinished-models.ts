import { isJsonObject } from '../../formats/bytes/json.ts';
import type { KeyValueStore } from '../steer/direction-cache.ts';
import type { Begun } from './models-messages.ts';

/** How the unfinished model of that name was started; null if that is not recorded. */
export async function readBegun(store: KeyValueStore, name: string): Promise<Begun | null> {
  const value = await store.get(name).catch(() => null); // if storage fails, the model can still be listed
  return isBegun(value) ? value : null;
}

function isBegun(value: unknown): value is Begun {
  if (!isJsonObject(value) || !isJsonObject(value['from'])) return false;
  const isText = (field: unknown): boolean => typeof field === 'string';
  return isText(value['label']) && isText(value['precision']) && isText(value['from']['kind']);
}
