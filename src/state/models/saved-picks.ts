/** Ladders' lists that a visitor changed, kept in this browser beside what the rule had come to. */
import type { PickedCheckpoint } from '../../labs/models/ladder-picks.ts';

const STORAGE_KEY = 'harmscope.ladder-picks';
const VERSION = 1; // lists of another version are left out

export type PickStorage = Pick<Storage, 'getItem' | 'setItem'>;

export interface KeptPicks {
  readonly picks: readonly PickedCheckpoint[];
  readonly rule: readonly PickedCheckpoint[];
}

/** By ladder. What cannot be read is left out, and so picked anew. */
export function keptPicks(storage: PickStorage | null): Readonly<Record<string, KeptPicks>> {
  try {
    const kept = JSON.parse(storage?.getItem(STORAGE_KEY) ?? 'null') as unknown;
    if (!isRecord(kept) || kept['version'] !== VERSION || !isRecord(kept['ladders'])) return {};
    return Object.fromEntries(
      Object.entries(kept['ladders']).filter((entry): entry is [string, KeptPicks] => isKept(entry[1])),
    );
  } catch {
    return {};
  }
}

export function writePicks(storage: PickStorage | null, ladders: Readonly<Record<string, KeptPicks>>): void {
  try {
    storage?.setItem(STORAGE_KEY, JSON.stringify({ version: VERSION, ladders }));
  } catch {
    // Storage can be full or switched off; the lists then last for this visit.
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isKept = (value: unknown): boolean => isRecord(value) && isPicks(value['picks']) && isPicks(value['rule']);

const isPicks = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((pick: unknown) => {
    return isRecord(pick) && ['repo', 'revision', 'commit'].every((name) => typeof pick[name] === 'string');
  });
