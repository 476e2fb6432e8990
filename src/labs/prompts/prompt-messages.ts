/** What the library of prompt sets is asked and tells, as plain data that crosses between threads. */
import type { LabelValue } from '../../formats/prompts/label-column.ts';
import type { LabelChoice } from '../../formats/prompts/label-decision.ts';
import type { LeftOut } from '../../formats/prompts/labelled-row.ts';
import type { PromptSetRef } from '../../formats/prompts/saved-prompt-set.ts';
import type { PromptMapping } from '../../formats/prompts/prompt-mapping.ts';
import type { Label } from '../../formats/prompts/prompt-set.ts';
import type { TallyRow } from '../../formats/prompts/prompt-tally.ts';
import type { LayoutChoice, TableLayout } from '../../formats/tables/table-layout.ts';
import type { HubAccess } from '../models/models-messages.ts';

/** A set that can be looked at. */
export interface SetOutline {
  readonly ref: PromptSetRef;
  readonly name: string;
  readonly concept: string | null; // what `harmful` stands for; null: harm itself
  readonly origin: string;
  readonly prompts: number;
  readonly tally: readonly TallyRow[];
  readonly createdAt: number | null; // ms since 1970; null of what the lab is shipped with
}

/** A file as somebody chose it, and what they say of its layout. */
export interface TableChoice {
  readonly file: File;
  readonly choice: LayoutChoice;
}

export interface TableSample {
  readonly name: string;
  readonly layout: TableLayout;
  readonly layoutText: string; // in words
  readonly columns: readonly SampledColumn[];
  readonly mapping: PromptMapping; // that the lab proposes, but for the labels of a table of somebody else
}

export interface SampledColumn {
  readonly name: string;
  readonly values: readonly string[]; // different ones among the first rows, some of them cut; of objects: their keys
  readonly isFlags: boolean; // objects of truth values
  readonly isBeaverTails: boolean; // its values or keys are those of BeaverTails
}

/** Which column of a chosen file holds the labels, as the whole of it says. */
export interface LabelRequest extends MappedChoice {
  readonly labels: LabelChoice | Label; // a label for all rows
}

export interface DecidedLabels {
  readonly mapping: PromptMapping;
  readonly values: readonly LabelValue[]; // of the label column in the whole file, the most frequent first
  readonly question: string | null; // what is not known, in words
}

/** What becomes of one of the first rows. */
export type PreviewRow = {
  readonly row: number;
  readonly cells: readonly string[]; // in the order of the sample's columns, cut
} & (
  | { readonly kind: 'prompt'; readonly text: string; readonly label: Label; readonly category: string; readonly split: string } // prettier-ignore
  | { readonly kind: 'left-out'; readonly reason: LeftOut }
  | { readonly kind: 'open' } // nobody said what class the prompts are of
  | { readonly kind: 'wrong'; readonly problem: string }
);

export interface MappedChoice {
  readonly file: File;
  readonly layout: TableLayout;
  readonly mapping: PromptMapping;
}

/** What a whole file comes to through a mapping. */
export interface ImportCount {
  readonly rows: number;
  readonly prompts: number;
  readonly leftOut: Readonly<Record<LeftOut, number>>;
  readonly doubled: number; // prompts whose words an earlier one has, in the same order
  readonly acrossLabels: number; // of these, how many have another label than the one before
  readonly report: readonly string[]; // how the rows were read, and what became of them, in words
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
  readonly from: string; // the host or the dataset that is asked
}

export interface PublishedRequest {
  readonly id: string;
  readonly access: HubAccess;
}

export interface PromptProgress {
  readonly phase: 'reading' | 'comparing' | 'keeping';
  readonly done: number; // bytes read, or prompts compared
  readonly total: number; // 0: not known
  readonly rows: number; // read so far
  readonly waiting: string | null;
}

/** An accepted rewrite of a prompt. */
export interface AcceptedRewrite {
  readonly id: string; // of the prompt that it rewrites
  readonly text: string;
}

export interface RewrittenSetRequest {
  readonly source: PromptSetRef;
  readonly name: string;
  readonly model: string; // that wrote them, for a reader
  readonly rewrites: readonly AcceptedRewrite[];
}
