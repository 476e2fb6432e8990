/** What one checkpoint of a study still lacks, as plain data: made where the study is led, worked off where a model runs. */
import type { StudyPooling } from '../../../formats/study/study-plan.ts';
import type { PromptTemplate } from '../../../formats/prompts/prompt-template.ts';
import type { LadderRef } from '../../models/checkpoint-ref.ts';

export interface UnitJob {
  readonly label: string; // of the checkpoint
  readonly commit: string;
  readonly source: LadderRef;
  readonly chatFrom: LadderRef; // whose chat template renders the prompts, where the template is `chat`
  readonly units: readonly UnitSet[]; // the training sets first
  readonly layer: number | null; // whose activations are kept; null: none, while the layer is chosen
  readonly sweep: SweepJob | null; // null: no other layer is looked at
  readonly pooling: StudyPooling;
  readonly template: PromptTemplate;
}

/** One unit: a prompt set on the checkpoint. */
export interface UnitSet {
  readonly name: string;
  readonly digest: string;
  readonly labelDigest: string;
  readonly texts: readonly string[];
  readonly classes: readonly string[]; // by prompt: a category, `negative`, or ''
  readonly isTraining: boolean;
  readonly isScored: boolean; // a test set, scored at every layer of a sweep
}

interface SweepJob {
  readonly names: readonly string[]; // of the directions
  readonly trainDigest: string;
  readonly trainLabelDigests: readonly string[]; // of all training sets, this job's or stored before
}

export interface UnitProgress {
  readonly set: string;
  readonly done: number; // prompts
  readonly total: number;
  readonly stored: boolean; // the unit is finished and at rest
  readonly waitingFor: string | null; // what a source that is out of reach said
}

/** After a stored unit, the next one begins once this resolves: so a pause takes hold between two units. */
export type OnUnitProgress = (progress: UnitProgress) => void | Promise<void>;

/** Works units off, one checkpoint after another. */
export interface UnitExtractor {
  /** Computes and stores what the job lists. Rejects with `interrupted` once `stop` was called; stored units stay. */
  extract(job: UnitJob, onProgress: OnUnitProgress): Promise<void>;
  /** Begins to fetch a checkpoint that comes next. */
  prefetch(source: LadderRef): void;
  stop(): void;
  /** Frees what it holds. */
  dispose(): Promise<void>;
}
