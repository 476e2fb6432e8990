/** Requests to the prompt library and its replies, as plain data that can pass between threads. */
import type { LabelValue } from '../../formats/prompts/label-column.ts';
import type { LabelChoice } from '../../formats/prompts/label-decision.ts';
import type { LeftOut } from '../../formats/prompts/labelled-row.ts';
import type { PromptSetRef } from '../../formats/prompts/saved-prompt-set.ts';
import type { PromptMapping } from '../../formats/prompts/prompt-mapping.ts';
import type { Label } from '../../formats/prompts/prompt-set.ts';
import type { TallyRow } from '../../formats/prompts/prompt-tally.ts';
import type { LayoutChoice, TableLayout } from '../../formats/tables/guess-table-layout.ts';
import type { HubAccess } from '../models/models-messages.ts';

/** A summary of a prompt set. */
export interface SetOutline {
  readonly ref: PromptSetRef;
  readonly name: string;
  readonly concept: string | null; // what `harmful` stands for; null: harm itself
  readonly origin: string;
  readonly prompts: number;
  readonly tally: readonly TallyRow[];
  readonly createdAt: number | null; // ms since 1970; null for a built-in set
}

/** A chosen file, and what the user specified about its layout. */
export interface TableChoice {
  readonly file: File;
  readonly choice: LayoutChoice;
}

export interface TableSample {
  readonly name: string;
  readonly layout: TableLayout;
  readonly layoutText: string; // description of the layout
  readonly columns: readonly SampledColumn[];
  readonly mapping: PromptMapping; // the proposed mapping, without labels unless the table is in Harmscope's format
}

export interface SampledColumn {
  readonly name: string;
  readonly values: readonly string[]; // distinct values in the first rows, long ones shortened; for objects, their keys
  readonly isFlags: boolean; // cells are objects of boolean flags
  readonly isBeaverTails: boolean; // its values or keys are BeaverTails' kinds of harm
}

/** Asks which column of a chosen file holds the labels, judged by the whole file. */
export interface LabelRequest extends MappedChoice {
  readonly labels: LabelChoice | Label; // how to read the label column, or one label for all rows
}

export interface DecidedLabels {
  readonly mapping: PromptMapping;
  readonly values: readonly LabelValue[]; // values of the label column in the whole file, most frequent first
  readonly question: string | null; // a sentence that says what is unknown
}

/** How one of the first rows will be imported. */
export type PreviewRow = {
  readonly row: number;
  readonly cells: readonly string[]; // shortened, in the order of the sample's columns
} & (
  | { readonly kind: 'prompt'; readonly text: string; readonly label: Label; readonly category: string; readonly split: string } // prettier-ignore
  | { readonly kind: 'left-out'; readonly reason: LeftOut }
  | { readonly kind: 'open' } // the class of the prompt is still unknown
  | { readonly kind: 'wrong'; readonly problem: string }
);

export interface MappedChoice {
  readonly file: File;
  readonly layout: TableLayout;
  readonly mapping: PromptMapping;
}

/** The result of reading a whole file through a mapping. */
export interface ImportCount {
  readonly rows: number;
  readonly prompts: number;
  readonly leftOut: Readonly<Record<LeftOut, number>>;
  readonly doubled: number; // prompts that repeat the wording of an earlier one
  readonly acrossLabels: number; // repeated prompts with a different label from the earlier one
  readonly report: readonly string[]; // lines that describe how the rows were read
  readonly tally: readonly TallyRow[];
}

export interface ImportRequest extends MappedChoice {
  readonly name: string;
  readonly concept: string | null;
}

export interface PublishedOutline {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly licence: string;
  readonly citation: string;
  readonly verified: boolean; // whether the names of its columns were checked against the published files
  readonly from: string; // the host or dataset that it is fetched from
}

export interface PublishedRequest {
  readonly id: string;
  readonly access: HubAccess;
}

export interface PromptProgress {
  readonly phase: 'reading' | 'comparing' | 'keeping';
  readonly done: number; // bytes read, or prompts compared
  readonly total: number; // 0: unknown
  readonly rows: number; // rows read so far
  readonly waiting: string | null;
}

/** An accepted rewrite of a prompt. */
export interface AcceptedRewrite {
  readonly id: string; // id of the original prompt
  readonly text: string;
}

export interface RewrittenSetRequest {
  readonly source: PromptSetRef;
  readonly name: string;
  readonly model: string; // display name of the model that wrote them
  readonly rewrites: readonly AcceptedRewrite[];
}
