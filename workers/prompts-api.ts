/** The wire between the page and the prompts worker: plain data only. */
import type { PromptSetRef } from '../src/formats/own-prompt-set.ts';
import type { DuplicateKind, DuplicateReport } from '../src/study/prompt-duplicates.ts';
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
} from '../src/study/prompt-messages.ts';
import type { RowPage, RowQuery } from '../src/study/prompt-rows.ts';

export type { LabelValue, Meaning } from '../src/formats/label-column.ts';
export type { LabelChoice } from '../src/formats/label-decision.ts';
export type { LeftOut } from '../src/formats/labelled-row.ts';
export type { PromptSetRef } from '../src/formats/own-prompt-set.ts';
export type { PromptMapping, SplitRule } from '../src/formats/prompt-mapping.ts';
export type { CategoryRule, LabelRule, RowFilter } from '../src/formats/prompt-recipe.ts';
export type { Label, Prompt } from '../src/formats/prompt-set.ts';
export type { TallyRow } from '../src/formats/prompt-tally.ts';
export type { LayoutChoice, Separator, TableLayout } from '../src/formats/table-layout.ts';
export type { HubAccess } from '../src/study/library-messages.ts';
export type { DuplicateGroup, DuplicateKind, DuplicateReport } from '../src/study/prompt-duplicates.ts';
export type {
  AcceptedRewrite,
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
  SampledColumn,
  SetOutline,
  TableChoice,
  TableSample,
} from '../src/study/prompt-messages.ts';
export type { PromptRow, RowPage, RowQuery } from '../src/study/prompt-rows.ts';

export type OnPromptProgress = (progress: PromptProgress) => void;

/**
 * What the prompts worker offers. Imports, fetches and removals of duplicates queue; looking runs beside them, a newer count or
 * comparison in place of the older. Every call rejects with a plain `WireError`.
 */
export interface PromptsWorkerApi {
  builtIn(): Promise<readonly SetOutline[]>;
  /** The newest first. */
  own(): Promise<readonly SetOutline[]>;
  /** The published sets that the lab knows by name. Asks nobody. */
  published(): Promise<readonly PublishedOutline[]>;
  rows(ref: PromptSetRef, query: RowQuery): Promise<RowPage>;
  /** The head of a file, and the mapping that the lab proposes. */
  sample(choice: TableChoice): Promise<TableSample>;
  preview(choice: MappedChoice): Promise<readonly PreviewRow[]>;
  /** Which column holds the labels, and what its values mean, from the whole file. */
  decideLabels(request: LabelRequest): Promise<DecidedLabels>;
  /** Reads the whole file and keeps nothing. */
  count(choice: MappedChoice, onProgress: OnPromptProgress): Promise<ImportCount>;
  importFile(request: ImportRequest, onProgress: OnPromptProgress): Promise<SetOutline>;
  /** Fetches a published set from where its recipe says and keeps it. */
  fetchPublished(request: PublishedRequest, onProgress: OnPromptProgress): Promise<SetOutline>;
  rename(id: string, name: string): Promise<SetOutline>;
  remove(id: string): Promise<void>;
  /** Takes back the last removal, of a set or of duplicates. */
  undo(): Promise<void>;
  exportSet(ref: PromptSetRef, format: 'jsonl' | 'csv'): Promise<File>;
  /** Prompts of a set that double one before them; with `other`, prompts of that one that double one of the set. */
  duplicates(
    ref: PromptSetRef,
    other: PromptSetRef | null,
    kind: DuplicateKind,
    onProgress: OnPromptProgress,
  ): Promise<DuplicateReport>;
  removeDuplicates(id: string, kind: DuplicateKind, onProgress: OnPromptProgress): Promise<SetOutline>;
  keepRewrites(request: RewrittenSetRequest): Promise<SetOutline>;
  /** Stops the job and the look-ups under way. */
  interrupt(): Promise<void>;
}
