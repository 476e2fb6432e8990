/**
 * The user's own prompt sets, saved in this browser. A set's id is derived from its prompts, so the same prompts have the same id on
 * every machine. Its description and prompts change in one transaction, so a set is complete or absent.
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

const FORMAT = 1; // version of the stored value; raise it when `OwnPromptSetSummary` changes

/** All methods throw `storage` errors. */
export class OwnPromptSets {
  readonly #store: ListedStore;

  constructor(store: ListedStore) {
    this.#store = store;
  }

  /** Every set, newest first. */
  async list(): Promise<readonly OwnPromptSetSummary[]> {
    const keys = (await this.#store.keys()).filter((key) => key.startsWith(summaryKey('')));
    const summaries = (await this.#store.getMany(keys)).filter(isSummary);
    return summaries.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
  }

  /** @throws LabError `not-found`, when the set is not saved; `format`, when it is damaged */
  async get(id: string): Promise<OwnPromptSet> {
    const [summary, bytes] = await this.#store.getMany([summaryKey(id), promptsKey(id)]);
    if (!isSummary(summary) || !(bytes instanceof Uint8Array)) throw notSaved(id);
    const { name, digest } = summary;
    return { id, name, digest, prompts: parsePromptSet(name, decodeUtf8(name, bytes)) };
  }

  /**
   * Saves a set. Saving the same prompts again only updates name, concept and origin.
   * @throws LabError `bad-request`, when the set is empty
   */
  async put(
    { name, concept, origin, sources = null, prompts }: NewPromptSet,
    now = Date.now(),
  ): Promise<OwnPromptSetSummary> {
    if (prompts.length === 0) throw new LabError('bad-request', `${name} has no prompts.`, 'Leave at least one.');
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

  /** @throws LabError `not-found`, when the set is not saved */
  async rename(id: string, name: string): Promise<OwnPromptSetSummary> {
    const [summary] = await this.#store.getMany([summaryKey(id)]);
    if (!isSummary(summary)) throw notSaved(id);
    const renamed = { ...summary, name };
    await this.#store.setMany([[summaryKey(id), renamed]]);
    return renamed;
  }

  /** Removes a set, and resolves to what `restore` needs to bring it back; null if there was no such set. */
  async remove(id: string): Promise<RemovedPromptSet | null> {
    const [summary, bytes] = await this.#store.getMany([summaryKey(id), promptsKey(id)]);
    await this.#store.deleteMany([summaryKey(id), promptsKey(id)]);
    return isSummary(summary) && bytes instanceof Uint8Array ? { summary, bytes } : null;
  }

  /** Restores a removed set. */
  async restore({ summary, bytes }: RemovedPromptSet): Promise<void> {
    await this.#store.setMany([
      [summaryKey(summary.id), summary],
      [promptsKey(summary.id), bytes],
    ]);
  }
}

/** The sets of this browser, shared by all pages and workers. */
export function openOwnPromptSets(store: ListedStore = openListedStore('prompt-sets')): OwnPromptSets {
  return new OwnPromptSets(store);
}

const summaryKey = (id: string): string => `summary/${id}`;
const promptsKey = (id: string): string => `prompts/${id}`;

function notSaved(id: string): LabError {
  const nextStep = 'Import it again on the Prompts page: the same prompts get the same id on every machine.';
  return new LabError('not-found', `The prompt set ${id} is not saved in this browser.`, nextStep);
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
