/** A prompt set that somebody brought along, as this browser keeps it. */
import type { Prompt } from './prompt-set.ts';
import type { TallyRow } from './prompt-tally.ts';

/** All that is known of a set without reading its prompts. */
export interface OwnPromptSetSummary {
  readonly id: string; // first 12 hex digits of the digest
  readonly name: string;
  readonly digest: string; // SHA-256 of `promptLines`
  readonly concept: string | null; // what `harmful` stands for in this set; null: harm itself
  readonly origin: string; // where it came from, for a reader
  readonly sources: PromptSetRef | null; // where the prompts lie that this set's rewrite, where these are in another one
  readonly prompts: number;
  readonly tally: readonly TallyRow[];
  readonly createdAt: number; // ms since 1970
}

export interface OwnPromptSet {
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  readonly prompts: readonly Prompt[];
}

export interface NewPromptSet {
  readonly name: string;
  readonly concept: string | null;
  readonly origin: string;
  readonly sources?: PromptSetRef | null;
  readonly prompts: readonly Prompt[];
}

export interface RemovedPromptSet {
  readonly summary: OwnPromptSetSummary;
  readonly bytes: Uint8Array; // its JSON Lines
}

/** A set by its file among those that the lab is shipped with, or by its id in this browser. */
export type PromptSetRef =
  { readonly kind: 'built-in'; readonly file: string } | { readonly kind: 'own'; readonly id: string };
