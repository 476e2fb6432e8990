/** What an extraction is asked and tells, as plain data that crosses between threads and outlives the page. */
import type { SourceRef } from '../models/checkpoint-ref.ts';
import type { Pooling } from '../../core/probes/pooling.ts';
import type { WireError } from '../../core/errors.ts';
import type { Provider } from '../../engine/device/device-report.ts';
import type { PeakMemory } from '../../engine/streamed/plan.ts';
import type { StreamedProgress } from '../../engine/streamed/streamed-request.ts';
import type { StreamedPrecision } from '../../engine/streamed/stage-graph.ts';
import type { StudyPooling } from '../../formats/study/study-plan.ts';
import type { PromptTemplate } from '../../formats/prompts/prompt-template.ts';
import type { LocalRef } from '../models/checkpoint-ref.ts';

/** A prompt set of the lab by its file's name, or somebody's own: JSON Lines with "text", or one prompt a line. */
export type PromptChoice =
  | { readonly kind: 'built-in'; readonly file: string }
  | { readonly kind: 'own'; readonly name: string; readonly text: string };

export interface ExtractionRequest {
  readonly title: string; // of the ladder or the checkpoint
  readonly checkpoints: readonly SourceRef[];
  readonly promptSets: readonly PromptChoice[];
  readonly template: PromptTemplate;
  readonly layers: LayerChoice;
  readonly pooling: Pooling;
  readonly precision: StreamedPrecision;
}

/** `study`: the study's layer 15 of 32, at the same relative depth. */
export type LayerChoice = readonly number[] | 'study' | 'all';

interface PlannedPromptSet {
  readonly name: string;
  readonly prompts: number;
  readonly report: readonly string[]; // how its file was read, in words
}

/** What an extraction will cost, known before a weight is fetched. */
export interface ExtractionPlan {
  readonly request: ExtractionRequest; // with its layers as numbers
  readonly sample: string; // the checkpoint whose config and headers were read; the others are taken to be like it
  readonly checkpoints: number;
  readonly promptSets: readonly PlannedPromptSet[];
  readonly tokens: number; // of all prompts, on one checkpoint
  readonly modelLayers: number;
  readonly bytesToFetch: number; // of one checkpoint
  readonly checkpointBytes: number; // of one checkpoint's weight files
  readonly units: number; // checkpoint × prompt set
  readonly unitsStored: number; // from earlier; they are not computed again
  readonly checkpointsLeft: number; // of which something is missing
  readonly resultBytes: number; // that will be stored in all
  readonly flops: number; // of one checkpoint
  readonly peak: PeakMemory;
  readonly provider: Provider;
  readonly threads: number; // on WASM
  readonly hasFloat16: boolean; // the GPU multiplies in float16
}

export interface ExtractionFailure {
  readonly checkpoint: string;
  readonly error: WireError;
}

/** What is known of a job, running or not. */
export interface ExtractionJob {
  readonly title: string;
  readonly checkpoints: number;
  readonly promptSets: readonly string[];
  readonly layers: readonly number[];
  readonly state: 'running' | 'paused' | 'failed' | 'done'; // running: it goes on whenever it can
  readonly error: WireError | null; // of one that failed
  readonly failures: readonly ExtractionFailure[]; // checkpoints that were left out
  readonly needsToken: boolean; // it began with an access token, which is kept nowhere
  readonly needsLocal: NeededLocal | null; // what must be handed over again after a restart
}

/** A folder or a ZIP of this machine, whose files a browser forgets with the page. */
export interface NeededLocal {
  readonly kind: LocalRef['kind'];
  readonly name: string;
  readonly handle?: FileSystemDirectoryHandle | FileSystemFileHandle; // by which it can be opened again, where the browser gave one
}

/** What a restart lacks, handed over again. */
export interface ResumeWith {
  readonly accessToken: string | null;
  readonly local: LocalRef | null;
}

export interface ExtractionWait {
  readonly reason: string;
  readonly until: number; // ms since 1970
}

export interface ExtractionProgress {
  readonly status: 'elsewhere' | 'starting' | 'running' | 'paused' | 'waiting'; // elsewhere: another tab runs it
  readonly waiting: ExtractionWait | null;
  readonly unitsDone: number;
  readonly units: number;
  readonly checkpoint: string | null; // under way
  readonly pass: StreamedProgress | null; // of that checkpoint
  readonly secondsLeft: number | null; // null: not yet known
  readonly failures: readonly ExtractionFailure[];
}

/** Stored activations of a prompt set, on as many checkpoints as there are. */
export interface ActivationSet {
  readonly id: string;
  readonly collection: string; // the ladder or checkpoint that they were computed for
  readonly promptSet: string;
  readonly template: PromptTemplate;
  readonly pooling: StudyPooling;
  readonly precision: StreamedPrecision;
  readonly layers: readonly number[];
  readonly checkpoints: readonly string[];
  readonly rows: number; // prompts
  readonly hidden: number;
  readonly bytes: number;
  readonly stored: number; // ms since 1970, the latest of them
  readonly lastUsed: number | null; // ms since 1970
}
