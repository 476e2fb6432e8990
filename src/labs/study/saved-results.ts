/** The results that a browser keeps of studies: its own last one, and one that was imported. Beside the units that they are made of. */
import { LabError } from '../../core/errors.ts';
import { decodeUtf8 } from '../../formats/bytes/json.ts';
import { parseStudyResults } from '../../formats/study/study-results-file.ts';
import type { StudyPlan } from '../../formats/study/study-plan.ts';
import type { StudyResults } from '../../formats/study/study-results.ts';
import { attempt } from '../jobs/attempt.ts';
import type { StudyStore } from './run/study-store.ts';
import type { KeptStudy } from './study-messages.ts';

const KEPT = 'study/'; // what keys of results begin with
const OWN = `${KEPT}own`;
const IMPORTED = `${KEPT}imported`;
const LARGEST_RESULTS = 200e6; // bytes: a study of 100 checkpoints and 20 categories stays far below

export class KeptResults {
  readonly #store: StudyStore;
  #unkept: KeptStudy | null = null; // imported, and not drawn yet

  constructor(store: StudyStore) {
    this.#store = store;
  }

  /** Imported ones, else this browser's own. */
  async latest(): Promise<KeptStudy | null> {
    return (await this.#read(IMPORTED)) ?? (await this.own());
  }

  /** This browser's own, whatever was imported. */
  own(): Promise<KeptStudy | null> {
    return this.#read(OWN);
  }

  /** This browser's own, where they are of that plan. */
  async of(plan: StudyPlan): Promise<StudyResults | null> {
    const results = (await this.own())?.results ?? null;
    return results !== null && JSON.stringify(results.plan) === JSON.stringify(plan) ? results : null;
  }

  async keep(results: StudyResults): Promise<void> {
    const kept: KeptStudy = { results, imported: false, complete: isComplete(results) };
    await this.#store.set(OWN, kept);
  }

  /** Reads results that were made elsewhere; `keepImported` keeps them. Throws `format` errors that name the file. */
  async import(file: File): Promise<KeptStudy> {
    if (file.size > LARGEST_RESULTS) {
      const problem = `${file.name} has ${Math.round(file.size / 1e6)} MB, too much for the results of a study.`;
      throw new LabError('format', problem, 'Choose the JSON file that the Report page exported.');
    }
    const text = decodeUtf8(file.name, new Uint8Array(await file.arrayBuffer()));
    const results = parseStudyResults(text, file.name);
    const kept: KeptStudy = {
      ...{ results, imported: true, complete: isComplete(results) },
      file: { name: file.name, importedAt: Date.now() },
    };
    this.#unkept = kept;
    return kept;
  }

  /** Keeps what was imported last, once whoever shows it has drawn it: a later visit would fail on what cannot be drawn. */
  async keepImported(): Promise<void> {
    const kept = this.#unkept;
    this.#unkept = null;
    if (kept !== null) await attempt(() => this.#store.set(IMPORTED, kept)); // shown all the same where nothing can be kept
  }

  /** Back to this browser's own. */
  async forgetImported(): Promise<KeptStudy | null> {
    this.#unkept = null;
    await attempt(() => this.#store.set(IMPORTED, null)); // back all the same where the storage refuses
    return this.own();
  }

  /** Deletes all else in the store, the units of every plan. */
  async clearUnits(): Promise<void> {
    const units = (await this.#store.keys()).filter((key) => !key.startsWith(KEPT));
    await this.#store.remove(units);
  }

  async #read(key: string): Promise<KeptStudy | null> {
    return ((await this.#store.get(key)) as KeptStudy | null | undefined) ?? null;
  }
}

/** Every checkpoint is there, or known to be left out, and the ladder was compared to its end. */
function isComplete({ points, checkpoints, failures, ladder }: StudyResults): boolean {
  return checkpoints.length + failures.length >= points.length && (ladder !== null || checkpoints.length < 2);
}
