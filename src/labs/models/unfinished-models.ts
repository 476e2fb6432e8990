import { isJsonObject } from '../../formats/bytes/json.ts';
import type { KeyValueStore } from '../steer/direction-cache.ts';
import type { UnfinishedModel } from './models-messages.ts';

/** How the unfinished model of that name was started; null if that is not recorded. */
export async function readUnfinished(store: KeyValueStore, name: string): Promise<UnfinishedModel | null> {
  const value = await store.get(name).catch(() => null); // if storage fails, the model can still be listed
  return isUnfinished(value) ? value : null;
}

function isUnfinished(value: unknown): value is UnfinishedModel {
  if (!isJsonObject(value) || !isJsonObject(value['from'])) return false;
  const isText = (field: unknown): boolean => typeof field === 'string';
  return isText(value['label']) && isText(value['precision']) && isText(value['from']['kind']);
}
