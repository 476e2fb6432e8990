/** Study results saved in the browser: its own last study, and an imported one. They share a store with the units. */
import { LabError } from '../../core/errors.ts';
import { decodeUtf8 } from '../../formats/bytes/json.ts';
import { parseStudyResults } from '../../formats/study/study-results-file.ts';
import type { StudyPlan } from '../../formats/study/study-plan.ts';
import type { StudyResults } from '../../formats/study/study-results.ts';
import { attempt } from '../jobs/attempt.ts';
import type { StudyStore } from './run/study-store.ts';
import type { SavedStudy } from './study-messages.ts';

const RESULTS = 'study/'; // prefix of the keys of results
const OWN = `${RESULTS}own`;
const IMPORTED = `${RESULTS}imported`;
const LARGEST_RESULTS = 200e6; // bytes: a study of 100 checkpoints and 20 categories is far smaller

export class SavedResults {
  readonly #store: StudyStore;
  #unsaved: SavedStudy | null = null; // imported but not drawn yet

  constructor(store: StudyStore) {
    this.#store = store;
  }

  /** The imported results, or else this browser's own. */
  async latest(): Promise<SavedStudy | null> {
    return (await this.#read(IMPORTED)) ?? (await this.own());
  }

  /** This browser's own results, even if others were imported. */
  own(): Promise<SavedStudy | null> {
    return this.#read(OWN);
  }

  /** This browser's own results, if they are of that plan. */
  async of(plan: StudyPlan): Promise<StudyResults | null> {
    const results = (await this.own())?.results ?? null;
    return results !== null && JSON.stringify(results.plan) === JSON.stringify(plan) ? results : null;
  }

  async keep(results: StudyResults): Promise<void> {
    const saved: SavedStudy = { results, imported: false, complete: isComplete(results) };
    await this.#store.set(OWN, saved);
  }

  /**
   * Reads results from a file; `saveImported` saves them.
   * @throws LabError `format`, naming the file
   */
  async import(file: File): Promise<SavedStudy> {
    if (file.size > LARGEST_RESULTS) {
      const problem = `${file.name} is ${Math.round(file.size / 1e6)} MB, too large for the results of a study.`;
      throw new LabError('format', problem, 'Choose the JSON file that the Report page exported.');
    }
    const text = decodeUtf8(file.name, new Uint8Array(await file.arrayBuffer()));
    const results = parseStudyResults(text, file.name);
    const saved: SavedStudy = {
      ...{ results, imported: true, complete: isComplete(results) },
      file: { name: file.name, importedAt: Date.now() },
    };
    this.#unsaved = saved;
    return saved;
  }

  /** Saves the last import, after the page has drawn it: results that cannot be drawn would break every later visit. */
  async saveImported(): Promise<void> {
    const imported = this.#unsaved;
    this.#unsaved = null;
    if (imported !== null) await attempt(() => this.#store.set(IMPORTED, imported)); // still shown if they cannot be saved
  }

  /** Discards the imported results and returns this browser's own. */
  async forgetImported(): Promise<SavedStudy | null> {
    this.#unsaved = null;
    await attempt(() => this.#store.set(IMPORTED, null)); // discarded for this visit even if storage fails
    return this.own();
  }

  /** Deletes the units of every plan, which is everything in the store except results. */
  async clearUnits(): Promise<void> {
    const units = (await this.#store.keys()).filter((key) => !key.startsWith(RESULTS));
    await this.#store.remove(units);
  }

  async #read(key: string): Promise<SavedStudy | null> {
    return ((await this.#store.get(key)) as SavedStudy | null | undefined) ?? null;
  }
}

/** Whether every checkpoint is included or left out, and the comparison of checkpoints has finished. */
function isComplete({ points, checkpoints, failures, ladder }: StudyResults): boolean {
  return checkpoints.length + failures.length >= points.length && (ladder !== null || checkpoints.length < 2);
}
