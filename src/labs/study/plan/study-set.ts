/** A prompt set of a study, read and checked. */
import type { Prompt } from '../../../formats/prompts/prompt-set.ts';

export interface StudySet {
  readonly name: string;
  readonly prompts: readonly Prompt[]; // that every checkpoint can read
  readonly tooLong: number; // prompts that are left out since they have more tokens than the checkpoints have room for
  readonly digest: string; // SHA-256 of the texts: activations depend on nothing else of a set
  readonly labelDigest: string; // SHA-256 of texts and classes
}
