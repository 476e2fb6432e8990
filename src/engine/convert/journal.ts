/**
 * How far a conversion has come. It is written after the weights that it speaks of are on the disk, so that whatever is lost with a
 * crash is done again, and nothing else is fetched again.
 */
import { decodeUtf8, isJsonObject, type JsonObject } from '../../formats/bytes/json.ts';
import { JOURNAL_FILE } from './file-names.ts';
import type { ModelFolder } from './model-folder.ts';
import type { HashState } from './shard-hash.ts';

export interface Journal {
  readonly identity: string; // of checkpoint and options: see `identityOf`
  readonly done: number; // tensors, in the plan's order
  readonly hash: HashState | null; // of the file that the next tensor lies in
  readonly checked: readonly string[]; // files whose digest was right
}

/** The journal of this very conversion; null where there is none, or of another, or none that can be read. */
export async function readJournal(store: ModelFolder, identity: string): Promise<Journal | null> {
  const source = await store.open(JOURNAL_FILE);
  if (source === null) return null;
  const json = parse(decodeUtf8(JOURNAL_FILE, await source.slice(0, source.byteLength)));
  if (json === null || json['identity'] !== identity || !Number.isSafeInteger(json['done'])) return null;
  const hash = json['hash'];
  const hasState = isJsonObject(hash) && Number.isSafeInteger(hash['position']) && typeof hash['state'] === 'string';
  return {
    identity,
    done: json['done'] as number,
    hash: hasState ? (hash as unknown as HashState) : null,
    checked: Array.isArray(json['checked']) ? json['checked'].filter((file) => typeof file === 'string') : [],
  };
}

export async function writeJournal(store: ModelFolder, journal: Journal): Promise<void> {
  await store.put(JOURNAL_FILE, new TextEncoder().encode(JSON.stringify(journal)));
}

/** A journal that cannot be read costs a new start, not an error. */
function parse(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
