import { isJsonObject } from '../../formats/bytes/json.ts';
import type { KeyValueStore } from '../../core/key-value-store.ts';
import type { ExternalRef } from './checkpoint-ref.ts';
import type { UnfinishedModel, UnfinishedSource } from './models-messages.ts';
import type { OpenedFiles } from './open-checkpoint-files.ts';

/** How the unfinished model of that name was started; null if that is not recorded. */
export async function readUnfinished(store: KeyValueStore, name: string): Promise<UnfinishedModel | null> {
  const value = await store.get(name).catch(() => null); // if storage fails, the model can still be listed
  return isUnfinished(value) ? value : null;
}

/** Where a conversion reads from, in the form that is saved with the unfinished model. */
export function savedSource({ ref, commit }: OpenedFiles<ExternalRef>, hubUrl: string | null): UnfinishedSource {
  if (ref.kind === 'hub') return { kind: 'hub', repo: ref.repo, revision: ref.revision, commit, hubUrl };
  if (ref.kind === 'folder') return { kind: 'folder', name: ref.name, ...(ref.handle && { handle: ref.handle }) };
  return { kind: 'zip', name: ref.file.name, ...(ref.handle && { handle: ref.handle }) };
}

function isUnfinished(value: unknown): value is UnfinishedModel {
  if (!isJsonObject(value) || !isJsonObject(value['from'])) return false;
  const isText = (field: unknown): boolean => typeof field === 'string';
  return isText(value['label']) && isText(value['precision']) && isText(value['from']['kind']);
}
