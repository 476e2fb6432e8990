import { isJsonObject } from '../../formats/bytes/json.ts';
import type { KeyValueStore } from '../../core/key-value-store.ts';
import type { ExternalRef } from './checkpoint-ref.ts';
import type { Begun, BegunFrom } from './models-messages.ts';
import type { OpenedFiles } from './open-checkpoint-files.ts';

/** What the half-written model of that name was to become; null where it is not known. */
export async function readBegun(store: KeyValueStore, name: string): Promise<Begun | null> {
  const value = await store.get(name).catch(() => null); // storage that fails costs the comfort, not the list
  return isBegun(value) ? value : null;
}

/** Where a conversion reads from, in the form that is saved with the unfinished model. */
export function savedSource({ ref, commit }: OpenedFiles<ExternalRef>, hubUrl: string | null): BegunFrom {
  if (ref.kind === 'hub') return { kind: 'hub', repo: ref.repo, revision: ref.revision, commit, hubUrl };
  if (ref.kind === 'folder') return { kind: 'folder', name: ref.name, ...(ref.handle && { handle: ref.handle }) };
  return { kind: 'zip', name: ref.file.name, ...(ref.handle && { handle: ref.handle }) };
}

function isBegun(value: unknown): value is Begun {
  if (!isJsonObject(value) || !isJsonObject(value['from'])) return false;
  const isText = (field: unknown): boolean => typeof field === 'string';
  return isText(value['label']) && isText(value['precision']) && isText(value['from']['kind']);
}
