import { asLabError, LabError } from '../core/errors.ts';
import type { PromptsClient } from '../bridge/prompts-client.ts';
import type {
  CategoryRule,
  ImportCount,
  ImportRequest,
  LabelValue,
  MappedChoice,
  PreviewRow,
  PromptMapping,
  PromptProgress,
  TableSample,
} from '../../workers/prompts-api.ts';
import { categoryRuleOf, meaningsOf, meantMapping, NO_MEANINGS, withMeaning, type Meaning, type Meanings } from './label-meanings.ts'; // prettier-ignore
import { IDLE, ready, STARTING, valueOf, type Async } from './async.ts';

/** A file that is about to be imported: what the lab takes it for, what the visitor says, and what that comes to. */
export class PromptImport {
  readonly #client: PromptsClient;
  #file = $state.raw<File | null>(null);
  #sample = $state.raw<Async<TableSample>>(IDLE);
  #mapping = $state.raw<PromptMapping | null>(null);
  #meanings = $state.raw<Meanings>(NO_MEANINGS);
  #labelRows = $state.raw<readonly LabelValue[]>([]);
  #preview = $state.raw<Async<readonly PreviewRow[]>>(IDLE);
  #count = $state.raw<Async<ImportCount>>(IDLE);
  #progress = $state.raw<PromptProgress | null>(null);
  #latest = 0;
  name = $state('');
  concept = $state('');

  constructor(client: PromptsClient) {
    this.#client = client;
  }

  get file(): File | null {
    return this.#file;
  }
  get sample(): Async<TableSample> {
    return this.#sample;
  }
  get mapping(): PromptMapping | null {
    return this.#mapping;
  }
  get meanings(): Meanings {
    return this.#meanings;
  }
  /** Values of the label column in the whole file. */
  get labelRows(): readonly LabelValue[] {
    return this.#labelRows;
  }
  get preview(): Async<readonly PreviewRow[]> {
    return this.#preview;
  }
  /** What the whole file comes to. */
  get count(): Async<ImportCount> {
    return this.#count;
  }
  get progress(): PromptProgress | null {
    return this.#progress;
  }

  /** Reads the head of a file and proposes a mapping; `heading` null: whether there is one is guessed. */
  async choose(file: File, heading: boolean | null = null): Promise<void> {
    const stamp = ++this.#latest;
    if (file !== this.#file) [this.name, this.concept] = [file.name.replace(/\.\w+$/, ''), ''];
    this.#file = file;
    [this.#mapping, this.#labelRows, this.#meanings] = [null, [], NO_MEANINGS];
    this.#preview = this.#count = IDLE;
    this.#sample = STARTING;
    try {
      const sample = await this.#client.sample({ file, heading });
      if (stamp !== this.#latest) return;
      this.#sample = ready(sample);
      await this.#take(sample.mapping);
    } catch (error) {
      if (stamp === this.#latest) this.#sample = { kind: 'failed', error: asLabError(error) };
    }
  }

  forget(): void {
    this.#latest++;
    this.#file = this.#mapping = null;
    this.#sample = this.#preview = this.#count = IDLE;
    void this.#client.interrupt().catch(() => undefined);
  }

  /** Changes the mapping; preview and count follow. */
  change(change: Partial<PromptMapping>): Promise<void> {
    if (this.#mapping === null) return Promise.resolve();
    return this.#take({ ...this.#mapping, ...change });
  }

  mean(value: string, meaning: Meaning): Promise<void> {
    this.#meanings = withMeaning(this.#meanings, value, meaning);
    return this.#mapping === null ? Promise.resolve() : this.#follow();
  }

  /** A rule for a column of categories; BeaverTails' names become the lab's where `translate` says so. */
  categoryRule(column: string, translate: boolean): CategoryRule {
    const sampled = valueOf(this.#sample)?.columns.find(({ name }) => name === column);
    return categoryRuleOf(column, sampled, translate);
  }

  /** What is to be imported. Throws `bad-request` where something is missing. */
  request(): ImportRequest {
    const choice = this.#choice();
    if (choice === null) throw new LabError('bad-request', 'No file is open.', 'Choose one.');
    if (this.name.trim() === '') throw new LabError('bad-request', 'The set needs a name.', 'Type one.');
    const concept = this.concept.trim();
    return { ...choice, name: this.name.trim(), concept: concept === '' ? null : concept };
  }

  async #take(mapping: PromptMapping): Promise<void> {
    const before = this.#mapping?.label;
    this.#mapping = mapping;
    const { label } = mapping;
    const isSameColumn = before?.kind === 'column' && label.kind === 'column' && before.column === label.column;
    if (label.kind === 'column' && !isSameColumn) {
      this.#meanings = label.labels;
      this.#labelRows = [];
      await this.#readLabels(label.column);
    } else await this.#follow();
  }

  /** The values of the whole file's label column, those with a meaning of their own given it. */
  async #readLabels(column: string): Promise<void> {
    const choice = this.#choice();
    if (choice === null) return;
    const stamp = this.#latest;
    try {
      const rows = await this.#client.labelValues(choice, column);
      if (stamp !== this.#latest) return;
      this.#labelRows = rows;
      this.#meanings = meaningsOf(rows, this.#meanings);
    } catch (caught) {
      const error = asLabError(caught);
      if (stamp === this.#latest && error.code !== 'interrupted') this.#count = { kind: 'failed', error };
      return;
    }
    await this.#follow();
  }

  /** Shows and counts what the mapping makes of the file. */
  async #follow(): Promise<void> {
    const choice = this.#choice();
    if (choice === null) return;
    const stamp = ++this.#latest;
    this.#progress = null;
    this.#count = STARTING;
    const settle = async <T>(job: Promise<T>, set: (state: Async<T>) => void): Promise<void> => {
      let state: Async<T>;
      try {
        state = ready(await job);
      } catch (error) {
        state = { kind: 'failed', error: asLabError(error) };
      }
      if (stamp === this.#latest) set(state);
    };
    const onProgress = (progress: PromptProgress): void => {
      if (stamp === this.#latest) this.#progress = progress;
    };
    await Promise.all([
      settle(this.#client.preview(choice), (preview) => (this.#preview = preview)),
      settle(this.#client.count(choice, onProgress), (count) => (this.#count = count)),
    ]);
  }

  /** The mapping with what the values of its label column were said to mean: rows that are to be left out are filtered. */
  #choice(): MappedChoice | null {
    const [file, mapping, sample] = [this.#file, this.#mapping, valueOf(this.#sample)];
    if (file === null || mapping === null || sample === null) return null;
    return { file, heading: sample.heading, mapping: meantMapping(mapping, this.#meanings) };
  }
}
