/** The record of an extraction that outlives the page: what is to be done, how far it may go by itself, how it ended. */
import { LabError, toWire } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { isJsonObject } from '../../formats/bytes/json.ts';
import type { KeyValueStore } from '../../core/key-value-store.ts';
import type {
  ExtractionFailure,
  ExtractionJob,
  ExtractionPlan,
  ResumeWith,
  NeededLocal,
} from './extraction-messages.ts';
import type { SourceRef } from '../models/checkpoint-ref.ts';
import type { LadderFailure } from './ladder-extraction.ts';
import type { LadderPlan, LadderPromptSet } from './ladder-units.ts';
import type { HubAccess } from '../models/models-messages.ts';
import type { LocalRef } from '../models/checkpoint-ref.ts';

const FORMAT = 1; // of the record; raise it when `JobRecord` changes
const KEY = 'current'; // there is one job at a time: two would share the memory that one needs

type KeptPlace = Exclude<SourceRef, LocalRef> | NeededLocal;

export interface JobRecord extends Pick<LadderPlan, 'layers' | 'pooling' | 'precision'> {
  readonly format: typeof FORMAT;
  readonly title: string;
  readonly checkpoints: readonly KeptPlace[];
  readonly promptSets: readonly LadderPromptSet[]; // texts included, so that a restart needs no file
  readonly hubUrl: string | null;
  readonly usesToken: boolean; // the token itself is kept nowhere
  readonly threads: number; // on WASM
  readonly state: ExtractionJob['state'];
  readonly error: ExtractionJob['error'];
  readonly failures: readonly ExtractionFailure[];
}

/** A job that is about to begin. */
export function newRecord(
  { request, threads }: ExtractionPlan,
  promptSets: readonly LadderPromptSet[],
  access: HubAccess,
): JobRecord {
  const { title, checkpoints, pooling, precision } = request;
  const usesHub = checkpoints.some(({ kind }) => kind === 'hub');
  return {
    ...{ format: FORMAT, title, pooling, precision },
    promptSets: promptSets.map(({ name, digest, texts, template }) => ({ name, digest, texts, template })),
    layers: request.layers as readonly number[], // a plan's are numbers
    checkpoints: checkpoints.map(withoutFiles),
    hubUrl: access.hubUrl,
    usesToken: usesHub && access.accessToken !== null,
    threads,
    ...{ state: 'running', error: null, failures: [] },
  };
}

function withoutFiles(place: SourceRef): KeptPlace {
  if (place.kind !== 'folder' && place.kind !== 'zip') return place;
  const { kind, handle } = place;
  return { kind, name: kind === 'folder' ? place.name : place.file.name, ...(handle !== undefined && { handle }) };
}

const isLocal = (place: KeptPlace): place is NeededLocal => place.kind === 'folder' || place.kind === 'zip';

/** The stored record, or null where there is none that this build can go on with. */
export async function readRecord(store: KeyValueStore): Promise<JobRecord | null> {
  const value = await store.get(KEY);
  if (!isJsonObject(value) || value['format'] !== FORMAT) return null;
  const lists = [value['checkpoints'], value['promptSets'], value['layers'], value['failures']];
  return lists.every(Array.isArray) ? (value as unknown as JobRecord) : null;
}

export function writeRecord(store: KeyValueStore, record: JobRecord | null): Promise<void> {
  return store.set(KEY, record);
}

/** What the page is told of it. */
export function outlineOf(record: JobRecord): ExtractionJob {
  const { title, checkpoints, promptSets, layers, state, error, failures, usesToken } = record;
  return {
    ...{ title, layers, state, error, failures },
    checkpoints: checkpoints.length,
    promptSets: promptSets.map(({ name }) => name),
    needsToken: usesToken,
    needsLocal: checkpoints.find(isLocal) ?? null,
  };
}

/** Where the job's checkpoints lie, what a restart lacked filled in. Throws `bad-request` where it still lacks something. */
export function placesOf(record: JobRecord, { accessToken, local }: ResumeWith): readonly SourceRef[] {
  if (record.usesToken && accessToken === null) {
    const problem = `${shown(record.title)} was started with an access token, which is not stored.`;
    throw new LabError('bad-request', problem, 'Enter the token again, then resume.');
  }
  return record.checkpoints.map((place) => {
    if (!isLocal(place)) return place;
    if (local !== null) return local;
    throw new LabError('bad-request', `${shown(place.name)} must be opened again.`, 'Choose it, then resume.');
  });
}

export const wireFailures = (failures: readonly LadderFailure[]): ExtractionFailure[] =>
  failures.map(({ checkpoint, error }) => ({ checkpoint, error: toWire(error) }));
