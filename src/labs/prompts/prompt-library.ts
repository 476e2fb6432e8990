/**
 * The library behind the Prompts page: the built-in sets, those saved in this browser, and the ways to get more. Jobs that write or
 * take long run one after another and can be stopped; lookups run at the same time.
 */
import { builtInSetName } from '../../core/built-in-sets.ts';
import { breathing, stopped } from './comparison-progress.ts';
import type { PromptLibraryParts, OnPromptProgress } from './prompt-library-parts.ts';
import { LabError } from '../../core/errors.ts';
import { yieldToEventLoop } from '../../engine/device/event-loop.ts';

import type { NewPromptSet, OwnPromptSetSummary, PromptSetRef } from '../../formats/prompts/saved-prompt-set.ts'; // prettier-ignore
import { promptCsv } from '../../formats/prompts/prompt-csv.ts';

import { promptLines } from '../../formats/prompts/prompt-set.ts';
import { tallyPrompts } from '../../formats/prompts/prompt-tally.ts';
import { readMappedTable, type MappedTable } from './import-prompts.ts';
import { reportResult } from './import-report.ts';
import { reportUnread } from './report-splits.ts';
import { JobQueue } from '../jobs/job-queue.ts';
import { waitText, type HubControl } from '../models/open-checkpoint-files.ts';
import { Lookups } from '../jobs/lookups.ts';
import { duplicatesBetween, duplicatesWithin, type DuplicateKind, type DuplicateReport } from './prompt-duplicates.ts';
import type {
  DecidedLabels,
  ImportCount,
  ImportRequest,
  LabelRequest,
  MappedChoice,
  PreviewRow,
  PromptProgress,
  PublishedOutline,
  PublishedRequest,
  RewrittenSetRequest,
  SetOutline,
  TableChoice,
  TableSample,
} from './prompt-messages.ts';
import { decideLabelsOf, previewTable, sampleTable } from './prompt-preview.ts';
import type { RowPage, RowQuery } from './prompt-rows.ts';
import { PromptSetReader } from './prompt-set-reader.ts';
import { readPublishedPromptSet } from './published-prompt-set.ts';

const PUBLISHED_SEED = 0; // for samples and splits; the default of `lab prompts fetch` too

export class PromptLibrary {
  readonly #parts: PromptLibraryParts;
  readonly #jobs = new JobQueue();
  readonly #lookups = new Lookups();
  readonly #sets: PromptSetReader;
  #undo: (() => Promise<void>) | null = null;

  constructor(parts: PromptLibraryParts) {
    this.#parts = parts;
    this.#sets = new PromptSetReader(parts);
  }

  async builtIn(): Promise<readonly SetOutline[]> {
    const outline = async (file: string): Promise<SetOutline> => {
      const ref = { kind: 'built-in', file } as const;
      const prompts = await this.#sets.prompts(ref);
      const counts = { prompts: prompts.length, tally: tallyPrompts(prompts) };
      return { ref, name: builtInSetName(file), concept: null, origin: '', ...counts, createdAt: null };
    };
    return Promise.all((await this.#parts.builtInFiles()).map(outline));
  }

  async own(): Promise<readonly SetOutline[]> {
    return (await this.#parts.own.list()).map(outlineOf);
  }

  async published(): Promise<readonly PublishedOutline[]> {
    const recipes = await this.#parts.recipes();
    return recipes.map(({ id, name, description, licence, citation, verified, source }) => {
      const from = source.kind === 'hub' ? `${source.repo} on the Hub` : new URL(source.files[0]?.url ?? '').hostname;
      return { id, name, description, licence, citation, verified, from };
    });
  }

  /** A page of a set's rows. The set stays in memory until another one is opened. */
  async rows(ref: PromptSetRef, query: RowQuery): Promise<RowPage> {
    return (await this.#sets.rows(ref)).page(query);
  }

  sample({ file, choice }: TableChoice): Promise<TableSample> {
    return sampleTable(this.#parts.fileSource(file), choice);
  }

  preview({ file, layout, mapping }: MappedChoice): Promise<readonly PreviewRow[]> {
    return previewTable(this.#parts.fileSource(file), layout, mapping);
  }

  decideLabels(request: LabelRequest): Promise<DecidedLabels> {
    const source = this.#parts.fileSource(request.file);
    return this.#lookups.run('labels', (signal) => decideLabelsOf(source, request, signal));
  }

  /** Reads the whole file without saving anything. A newer count stops an older one. */
  count(choice: MappedChoice, onProgress: OnPromptProgress): Promise<ImportCount> {
    return this.#lookups.run('count', async (signal) => {
      const table = await this.#read(choice, signal, onProgress);
      const { prompts, rows, leftOut } = table;
      const breathe = breathing(signal, prompts.length, onProgress);
      const { report: doubles } = await duplicatesWithin(prompts, { kind: 'exact', breathe });
      return {
        ...{ rows, prompts: prompts.length, leftOut, doubled: doubles.duplicates, acrossLabels: doubles.acrossLabels },
        ...{ report: [...reportResult(table, doubles), ...reportUnread(table.split)], tally: tallyPrompts(prompts) },
      };
    });
  }

  importFile(request: ImportRequest, onProgress: OnPromptProgress): Promise<SetOutline> {
    return this.#jobs.add(async (signal) => {
      const { prompts } = await this.#read(request, signal, onProgress);
      const { name, concept, file } = request;
      return this.#keep({ name, concept, origin: file.name, prompts }, signal, onProgress);
    });
  }

  fetchPublished({ id, access }: PublishedRequest, onProgress: OnPromptProgress): Promise<SetOutline> {
    return this.#jobs.add(async (signal) => {
      const recipe = (await this.#parts.recipes()).find((known) => known.id === id);
      if (recipe === undefined) throw new LabError('not-found', `There is no recipe ${id}.`, 'Choose another one.');
      let progress: PromptProgress = { phase: 'reading', done: 0, total: 0, rows: 0, waiting: null };
      const report = (change: Partial<PromptProgress>): void => onProgress((progress = { ...progress, ...change }));
      const control: HubControl = { access, signal, onWait: (notice) => report({ waiting: waitText(notice) }) };
      const files = await this.#parts.openPublished(recipe, control);
      const { prompts } = await readPublishedPromptSet(recipe, files, {
        seed: PUBLISHED_SEED,
        signal,
        onProgress: ({ bytes, rows }) => report({ done: bytes, rows, waiting: null }),
      });
      const origin = `${recipe.name}, ${recipe.licence}`;
      return this.#keep({ name: recipe.name, concept: null, origin, prompts }, signal, onProgress);
    });
  }

  async rename(id: string, name: string): Promise<SetOutline> {
    if (name.trim() === '') throw new LabError('bad-request', 'A set needs a name.', 'Enter a name.');
    return outlineOf(await this.#parts.own.rename(id, name.trim()));
  }

  async remove(id: string): Promise<void> {
    const removed = await this.#parts.own.remove(id);
    if (removed !== null) this.#undo = () => this.#parts.own.restore(removed);
    this.#sets.forget();
  }

  /** Undoes the last removal, of a set or of duplicates. */
  async undo(): Promise<void> {
    const undo = this.#undo;
    this.#undo = null;
    await undo?.();
    this.#sets.forget();
  }

  async exportSet(ref: PromptSetRef, format: 'jsonl' | 'csv'): Promise<File> {
    const prompts = await this.#sets.prompts(ref);
    const name = await this.#sets.name(ref);
    const type = format === 'csv' ? 'text/csv' : 'application/jsonl';
    const text = format === 'csv' ? promptCsv(prompts) : promptLines(prompts);
    return new File([text], `${name.replaceAll(/[^\w.@-]+/g, '-')}.${format}`, { type });
  }

  /** Prompts of a set that repeat an earlier one; with `other`, prompts of `other` that repeat one of the set. */
  duplicates(
    ref: PromptSetRef,
    other: PromptSetRef | null,
    kind: DuplicateKind,
    onProgress: OnPromptProgress,
  ): Promise<DuplicateReport> {
    return this.#lookups.run('duplicates', async (signal) => {
      const [prompts, others] = [
        await this.#sets.prompts(ref),
        other === null ? null : await this.#sets.prompts(other),
      ];
      const breathe = breathing(signal, prompts.length + (others?.length ?? 0), onProgress);
      if (others !== null) return duplicatesBetween(prompts, others, { kind, breathe });
      return (await duplicatesWithin(prompts, { kind, breathe })).report;
    });
  }

  /** Replaces a set by one with only the first prompt of each group of duplicates. The new set has a new id. */
  removeDuplicates(id: string, kind: DuplicateKind, onProgress: OnPromptProgress): Promise<SetOutline> {
    return this.#jobs.add(async (signal) => {
      const { own } = this.#parts;
      const before = await this.#sets.summary({ kind: 'own', id });
      const { prompts, name } = await own.get(id);
      const breathe = breathing(signal, prompts.length, onProgress);
      const { kept } = await duplicatesWithin(prompts, { kind, breathe });
      const { concept = null, origin = '', sources = null } = before ?? {};
      const isThere = new Set((await own.list()).map((summary) => summary.id));
      const summary = await own.put({ name, concept, origin, sources, prompts: kept });
      if (summary.id === id) return outlineOf(summary);
      const removed = await own.remove(id);
      this.#undo = async () => {
        if (removed !== null) await own.restore(removed);
        if (!isThere.has(summary.id)) await own.remove(summary.id);
      };
      return outlineOf(summary);
    });
  }

  /** Saves accepted rewrites as a new set, with the labels of the prompts that they rewrite. */
  keepRewrites({ source, name, model, rewrites }: RewrittenSetRequest): Promise<SetOutline> {
    return this.#jobs.add(async () => {
      const texts = new Map(rewrites.map(({ id, text }) => [id, text]));
      const prompts = (await this.#sets.prompts(source)).flatMap(({ id, label, category, split }) => {
        const text = texts.get(id);
        return text === undefined
          ? []
          : [{ id: `${id}-rewritten`, text, label, category, split: `${split}-rewritten`, rewriteOf: id }];
      });
      const origin = `${await this.#sets.name(source)}, rewritten by ${model}`;
      const concept = (await this.#sets.summary(source))?.concept ?? null;
      this.#sets.forget();
      return outlineOf(await this.#parts.own.put({ name, concept, origin, sources: source, prompts }));
    });
  }

  /** Stops the running job and all lookups. */
  interrupt(): Promise<void> {
    this.#jobs.interrupt();
    this.#lookups.stop();
    return Promise.resolve();
  }

  #read(choice: MappedChoice, signal: AbortSignal, onProgress: OnPromptProgress): Promise<MappedTable> {
    const source = this.#parts.fileSource(choice.file);
    return readMappedTable(source, choice.mapping, {
      layout: choice.layout,
      signal,
      onProgress: (done, rows) => onProgress({ phase: 'reading', done, total: source.byteLength, rows, waiting: null }),
    });
  }

  async #keep(set: NewPromptSet, signal: AbortSignal, onProgress: OnPromptProgress): Promise<SetOutline> {
    onProgress({ phase: 'keeping', done: 0, total: 0, rows: set.prompts.length, waiting: null });
    await yieldToEventLoop();
    if (signal.aborted) throw stopped();
    return outlineOf(await this.#parts.own.put(set));
  }
}

function outlineOf({ id, name, concept, origin, prompts, tally, createdAt }: OwnPromptSetSummary): SetOutline {
  return { ref: { kind: 'own', id }, name, concept, origin, prompts, tally, createdAt };
}
