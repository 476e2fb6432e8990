/** What the prompt library is built from. */
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import type {
  NewPromptSet,
  OwnPromptSet,
  OwnPromptSetSummary,
  RemovedPromptSet,
} from '../../formats/prompts/saved-prompt-set.ts';
import type { PromptRecipe } from '../../formats/prompts/prompt-recipe.ts';
import { type HubControl } from '../models/open-checkpoint-files.ts';
import type { PromptProgress } from './prompt-messages.ts';
import { type SetPlaces } from './prompt-set-reader.ts';
import { type PromptFiles } from './published-prompt-set.ts';

/** Storage for prompt sets. Its methods throw `storage` errors. */
interface OwnSetStorage {
  list(): Promise<readonly OwnPromptSetSummary[]>;
  get(id: string): Promise<OwnPromptSet>;
  put(set: NewPromptSet): Promise<OwnPromptSetSummary>;
  rename(id: string, name: string): Promise<OwnPromptSetSummary>;
  remove(id: string): Promise<RemovedPromptSet | null>;
  restore(removed: RemovedPromptSet): Promise<void>;
}

export interface PromptLibraryParts extends SetPlaces {
  readonly own: OwnSetStorage;
  recipes(): Promise<readonly PromptRecipe[]>;
  openPublished(recipe: PromptRecipe, control: HubControl): Promise<PromptFiles>;
  fileSource(file: File): ByteSource;
}

export type OnPromptProgress = (progress: PromptProgress) => void;
