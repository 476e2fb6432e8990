/**
 * The prompt sets that somebody brought along, kept in this browser. A set is named after its prompts, so the same prompts have
 * the same id on every machine, and is whole or absent: its description and its prompts change in one transaction.
 */
import { LabError } from '../core/errors.ts';
import { decodeUtf8 } from '../formats/bytes/json.ts';
import type {
  NewPromptSet,
  OwnPromptSet,
  OwnPromptSetSummary,
  RemovedPromptSet,
} from '../formats/prompts/saved-prompt-set.ts';
import { parsePromptSet, promptLines } from '../formats/prompts/prompt-set.ts';
import { tallyPrompts } from '../formats/prompts/prompt-tally.ts';
import { sha256 } from './http-source.ts';
import { openListedStore } from './indexed-db.ts';
import type { ListedStore } from './memory-store.ts';

export type { NewPromptSet, OwnPromptSet, OwnPromptSetSummary, RemovedPromptSet };

const FORMAT = 1; // of what is stored; raise it when `OwnPromptSetSummary` changes

/** Throws `storage` errors throughout. */
export class OwnPromptSets {
  readonly #store: ListedStore;

  constructor(store: ListedStore) {
    this.#store = store;
  }

  /** Every set, the newest first. */
  async list(): Promise<readonly OwnPromptSetSummary[]> {
    const keys = (await this.#store.keys()).filter((key) => key.startsWith(summaryKey('')));
    const summaries = (await this.#store.getMany(keys)).filter(isSummary);
    return summaries.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
  }

  /** Throws `not-found` for a set that is not kept, and `format` for one that no longer is what was stored. */
  async get(id: string): Promise<OwnPromptSet> {
    const [summary, bytes] = await this.#store.getMany([summaryKey(id), promptsKey(id)]);
    if (!isSummary(summary) || !(bytes instanceof Uint8Array)) throw notKept(id);
    const { name, digest } = summary;
    return { id, name, digest, prompts: parsePromptSet(name, decodeUtf8(name, bytes)) };
  }

  /** Keeps a set. The same prompts again only take the new name, concept and origin. Throws `bad-request` for an empty one. */
  async put(
    { name, concept, origin, sources = null, prompts }: NewPromptSet,
    now = Date.now(),
  ): Promise<OwnPromptSetSummary> {
    if (prompts.length === 0) throw new LabError('bad-request', `${name} has no prompts.`, 'Keep at least one.');
    const bytes = new TextEncoder().encode(promptLines(prompts));
    const digest = await sha256(bytes);
    const id = digest.slice(0, 12);
    const counts = { prompts: prompts.length, tally: tallyPrompts(prompts) };
    const summary: OwnPromptSetSummary = { id, name, digest, concept, origin, sources, ...counts, createdAt: now };
    await this.#store.setMany([
      [summaryKey(id), { ...summary, format: FORMAT }],
      [promptsKey(id), bytes],
    ]);
    return summary;
  }

  /** Throws `not-found` for a set that is not kept. */
  async rename(id: string, name: string): Promise<OwnPromptSetSummary> {
    const [summary] = await this.#store.getMany([summaryKey(id)]);
    if (!isSummary(summary)) throw notKept(id);
    const renamed = { ...summary, name };
    await this.#store.setMany([[summaryKey(id), renamed]]);
    return renamed;
  }

  /** Takes a set away; `restore` of what this resolves to brings it back. Null where it was not there. */
  async remove(id: string): Promise<RemovedPromptSet | null> {
    const [summary, bytes] = await this.#store.getMany([summaryKey(id), promptsKey(id)]);
    await this.#store.deleteMany([summaryKey(id), promptsKey(id)]);
    return isSummary(summary) && bytes instanceof Uint8Array ? { summary, bytes } : null;
  }

  /** Puts back what was removed, as it was. */
  async restore({ summary, bytes }: RemovedPromptSet): Promise<void> {
    await this.#store.setMany([
      [summaryKey(summary.id), summary],
      [promptsKey(summary.id), bytes],
    ]);
  }
}

/** The sets of this browser; pages and workers of the lab all see the same. */
export function openOwnPromptSets(store: ListedStore = openListedStore('prompt-sets')): OwnPromptSets {
  return new OwnPromptSets(store);
}

const summaryKey = (id: string): string => `summary/${id}`;
const promptsKey = (id: string): string => `prompts/${id}`;

function notKept(id: string): LabError {
  const nextStep = 'Import it again on the Prompts page: the same prompts have the same name on every machine.';
  return new LabError('not-found', `This browser keeps no prompt set ${id}.`, nextStep);
}

function isSummary(value: unknown): value is OwnPromptSetSummary {
  if (typeof value !== 'object' || value === null) return false;
  const { format, id, name, digest, tally, createdAt } = value as Partial<OwnPromptSetSummary & { format: number }>;
  return (
    format === FORMAT &&
    typeof id === 'string' &&
    typeof name === 'string' &&
    typeof digest === 'string' &&
    Array.isArray(tally) &&
    typeof createdAt === 'number'
  );
}
