/** The missing units of one checkpoint, as plain data: the study's thread creates it, and a thread with a model carries it out. */
import type { StudyPooling } from '../../../formats/study/study-plan.ts';
import type { PromptTemplate } from '../../../formats/prompts/prompt-template.ts';
import type { LadderRef } from '../../models/checkpoint-ref.ts';

export interface UnitJob {
  readonly label: string; // label of the checkpoint
  readonly commit: string;
  readonly source: LadderRef;
  readonly chatFrom: LadderRef; // whose chat template renders the prompts, where the template is `chat`
  readonly units: readonly UnitSet[]; // the training sets first
  readonly layer: number | null; // layer whose activations are stored; null while the layer is being chosen
  readonly sweep: SweepJob | null; // null: only `layer` is needed
  readonly pooling: StudyPooling;
  readonly template: PromptTemplate;
}

/** One unit: a prompt set on the checkpoint. */
export interface UnitSet {
  readonly name: string;
  readonly digest: string;
  readonly labelDigest: string;
  readonly texts: readonly string[];
  readonly classes: readonly string[]; // class of each prompt: a category, `negative`, or ''
  readonly isTraining: boolean;
  readonly isScored: boolean; // a test set, scored at every layer of a sweep
}

interface SweepJob {
  readonly names: readonly string[]; // of the directions
  readonly trainDigest: string;
  readonly trainLabelDigests: readonly string[]; // of all training sets, whether in this job or stored already
}

export interface UnitProgress {
  readonly set: string;
  readonly done: number; // prompts
  readonly total: number;
  readonly stored: boolean; // the unit is complete and stored
  readonly waitingFor: string | null; // the error of a source that cannot be reached
}

/** After a unit is stored, the next one starts only when this resolves, so a pause takes effect between units. */
export type OnUnitProgress = (progress: UnitProgress) => void | Promise<void>;

/** Computes units, one checkpoint after another. */
export interface UnitExtractor {
  /** Computes and stores the job's units. Rejects with `interrupted` after `stop`; units already stored remain. */
  extract(job: UnitJob, onProgress: OnUnitProgress): Promise<void>;
  /** Begins to fetch a checkpoint that comes next. */
  prefetch(source: LadderRef): void;
  stop(): void;
  /** Frees all resources. */
  dispose(): Promise<void>;
}
