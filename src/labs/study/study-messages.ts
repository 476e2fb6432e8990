/** Requests to the study lab and its replies, as plain data that can pass between threads. */
import type { ProviderChoice } from '../../engine/device/device-report.ts';
import type { HubAccess } from '../models/models-messages.ts';
import type { StudyPlan } from '../../formats/study/study-plan.ts';
import type { ProbeKind, SetSummary, SharedPrompts, StudyResults } from '../../formats/study/study-results.ts';

export interface StudyRequest {
  readonly plan: StudyPlan;
  readonly provider: ProviderChoice;
  readonly access?: HubAccess; // for a Hub ladder
}

/** Estimates for a plan before it runs. */
export interface StudyOutline {
  readonly points: number; // checkpoints
  readonly sets: number;
  readonly summaries: readonly SetSummary[]; // summaries of the sets as read
  readonly shared: readonly SharedPrompts[]; // prompts used more than once
  readonly units: number; // checkpoint × prompt set
  readonly unitsStored: number; // units already stored
  readonly prompts: number; // prompts per checkpoint
  readonly bytesToFetch: number | null; // weights to download; null: unknown until they are listed
  readonly bytesToStore: number | null; // total, including what is stored already; null for a Hub ladder, which is not contacted before it runs
  readonly storage: { readonly used: number; readonly quota: number } | null; // of this browser; null: unknown
}

export type StudyPhase = 'choosing the layer' | 'extracting' | 'analysing' | 'done';

export interface StudyProgress {
  readonly status: 'running' | 'paused' | 'waiting';
  readonly phase: StudyPhase;
  readonly waitingFor: string | null; // description of what it is waiting for
  readonly unitsDone: number;
  readonly units: number;
  readonly underWay: readonly { readonly point: string; readonly set: string; readonly done: number; readonly total: number }[]; // prettier-ignore
  readonly secondsLeft: number | null; // null: unknown
  readonly silentMs?: number; // how long a thread of the study has not answered; absent if all answer
}

/** Asks for the details of an AUROC. */
export interface DetailRequest {
  readonly plan: StudyPlan;
  readonly point: number; // index into `points`
  readonly probe: ProbeKind;
  readonly direction: string;
  readonly test: string;
}

/** A study of this browser, or an imported one. */
export interface SavedStudy {
  readonly results: StudyResults;
  readonly imported: boolean; // from a file, so the activations behind its numbers are not available
  readonly file?: ImportedFile; // absent for its own study, or one saved by an earlier build
  readonly complete: boolean;
}

/** The file that results were imported from. */
interface ImportedFile {
  readonly name: string;
  readonly importedAt: number; // milliseconds since 1970
}

/** Shows partial results; the promise resolves when they have been drawn. */
export type ShowResults = (results: StudyResults) => unknown;
