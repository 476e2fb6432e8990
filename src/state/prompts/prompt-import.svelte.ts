import { asLabError, LabError } from '../../core/errors.ts';
import type { PromptsClient } from '../../rpc/clients.ts';
import type { CategoryRule } from '../../formats/prompts/prompt-recipe.ts';
import type {
  ImportCount,
  ImportRequest,
  MappedChoice,
  PreviewRow,
  PromptProgress,
  TableSample,
} from '../../labs/prompts/prompt-messages.ts';
import type { Label } from '../../formats/prompts/prompt-set.ts';
import type { LabelChoice } from '../../formats/prompts/label-decision.ts';
import type { LabelValue } from '../../formats/prompts/label-column.ts';
import type { LayoutChoice } from '../../formats/tables/guess-table-layout.ts';
import type { PromptMapping } from '../../formats/prompts/prompt-mapping.ts';
import { categoryRuleOf, meaningsOf, meantMapping, NO_MEANINGS, withMeaning, type Meaning, type Meanings } from './label-meanings.ts'; // prettier-ignore
import { IDLE, ready, STARTING, valueOf, type Async } from '../page/async.ts';

/** A file that is about to be imported: what the lab takes it for, what the visitor says, and what that comes to. */
export class PromptImport {
  readonly #client: PromptsClient;
  #file = $state.raw<File | null>(null);
  #sample = $state.raw<Async<TableSample>>(IDLE);
  #mapping = $state.raw<PromptMapping | null>(null);
  #meanings = $state.raw<Meanings>(NO_MEANINGS);
  #labelRows = $state.raw<readonly LabelValue[]>([]);
  #question = $state.raw<string | null>(null); // what the lab could not tell of the labels
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
  /** What somebody has to say before anything can be imported; null: nothing. */
  get question(): string | null {
    if (this.#mapping === null || this.#mapping.label.kind === 'fixed') return null;
    const meanings = [...this.#meanings.values()];
    const isKnown =
      meanings.every((meaning) => meaning !== null) && meanings.some((meaning) => meaning !== 'leave-out');
    return this.#mapping.label.kind === 'column' && isKnown ? null : (this.#question ?? 'Say what the labels mean.');
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

  /** Reads a file, as `choice` says it is laid out, and proposes a mapping. */
  async choose(file: File, choice: LayoutChoice = { heading: null, separator: null }): Promise<void> {
    const stamp = ++this.#latest;
    if (file !== this.#file) [this.name, this.concept] = [file.name.replace(/\.\w+$/, ''), ''];
    const isAgain = file === this.#file && this.#sample.kind === 'ready'; // its fields stay, and with them the focus
    this.#file = file;
    this.#count = isAgain ? STARTING : IDLE;
    if (!isAgain) {
      [this.#mapping, this.#labelRows, this.#meanings, this.#question] = [null, [], NO_MEANINGS, null];
      this.#preview = IDLE;
      this.#sample = STARTING;
    }
    try {
      const sample = await this.#client.sample({ file, choice });
      if (stamp !== this.#latest) return;
      this.#sample = ready(sample);
      await this.#decide(sample.mapping, { column: null, meanings: NO_MEANINGS });
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
  async change(change: Partial<Omit<PromptMapping, 'label'>>): Promise<void> {
    if (this.#mapping === null) return;
    const mapping = { ...this.#mapping, ...change };
    const isAsked = change.text !== undefined && mapping.label.kind !== 'fixed'; // other columns may hold the labels then
    if (isAsked) return this.#decide({ ...mapping, label: { kind: 'open' } }, { column: null, meanings: NO_MEANINGS });
    this.#mapping = mapping;
    await this.#follow();
  }

  /** One label for all, or the column that holds the labels. */
  async label(label: Label | { readonly column: string }): Promise<void> {
    if (this.#mapping === null) return;
    await this.#decide(this.#mapping, typeof label === 'string' ? label : { ...label, meanings: NO_MEANINGS });
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

  /** What the whole file says of its labels. */
  async #decide(mapping: PromptMapping, labels: LabelChoice | Label): Promise<void> {
    const sample = valueOf(this.#sample);
    if (this.#file === null || sample === null) return;
    const stamp = ++this.#latest;
    this.#mapping = mapping;
    [this.#labelRows, this.#meanings, this.#question] = [[], NO_MEANINGS, null];
    this.#count = STARTING;
    try {
      const decided = await this.#client.decideLabels({ file: this.#file, layout: sample.layout, mapping, labels });
      if (stamp !== this.#latest) return;
      this.#mapping = decided.mapping;
      [this.#labelRows, this.#meanings, this.#question] = [
        decided.values,
        meaningsOf(decided.values),
        decided.question,
      ];
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
    const isAsked = this.question !== null;
    this.#count = isAsked ? IDLE : STARTING;
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
      ...(isAsked ? [] : [settle(this.#client.count(choice, onProgress), (count) => (this.#count = count))]),
    ]);
  }

  /** The mapping with what the values of its label column were said to mean. */
  #choice(): MappedChoice | null {
    const [file, mapping, sample] = [this.#file, this.#mapping, valueOf(this.#sample)];
    if (file === null || mapping === null || sample === null) return null;
    return { file, layout: sample.layout, mapping: meantMapping(mapping, this.#meanings) };
  }
}
