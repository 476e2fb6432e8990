/** What a study is asked and tells, as plain data that crosses between threads. */
import type { ProviderChoice } from '../../engine/device/device-report.ts';
import type { HubAccess } from '../models/models-messages.ts';
import type { StudyPlan } from '../../formats/study/study-plan.ts';
import type { ProbeKind, SetSummary, SharedPrompts, StudyResults } from '../../formats/study/study-results.ts';

export interface StudyRequest {
  readonly plan: StudyPlan;
  readonly provider: ProviderChoice;
  readonly access?: HubAccess; // for a ladder of the Hub
}

/** What a plan comes to, before it runs. */
export interface StudyOutline {
  readonly points: number; // checkpoints
  readonly sets: number;
  readonly summaries: readonly SetSummary[]; // of the sets, as they are read
  readonly shared: readonly SharedPrompts[]; // between its sets
  readonly units: number; // checkpoint × prompt set
  readonly unitsStored: number; // that need not be computed
  readonly prompts: number; // a checkpoint
  readonly bytesToFetch: number | null; // of weights; null: not known before they are listed
  readonly bytesToStore: number | null; // in all, what is stored already included; null: a ladder of the Hub, which is asked once it runs
  readonly storage: { readonly used: number; readonly quota: number } | null; // of this browser; null: not told
}

export type StudyPhase = 'choosing the layer' | 'extracting' | 'analysing' | 'done';

export interface StudyProgress {
  readonly status: 'running' | 'paused' | 'waiting';
  readonly phase: StudyPhase;
  readonly waitingFor: string | null; // in words, while it waits
  readonly unitsDone: number;
  readonly units: number;
  readonly underWay: readonly { readonly point: string; readonly set: string; readonly done: number; readonly total: number }[]; // prettier-ignore
  readonly secondsLeft: number | null; // null: not yet known
  readonly silentMs?: number; // for so long a thread of the study has not answered; absent: all do
}

/** Where to look behind an AUROC. */
export interface DetailRequest {
  readonly plan: StudyPlan;
  readonly point: number; // index into `points`
  readonly probe: ProbeKind;
  readonly direction: string;
  readonly test: string;
}

/** A study of this browser, or one that was imported. */
export interface KeptStudy {
  readonly results: StudyResults;
  readonly imported: boolean; // from a file: what lies behind its numbers is elsewhere
  readonly file?: ImportedFile; // absent: its own, or kept before files were noted
  readonly complete: boolean;
}

/** Where imported results came from. */
interface ImportedFile {
  readonly name: string;
  readonly importedAt: number; // milliseconds since 1970
}

/** Takes in the results so far; done when they are shown. */
export type ShowResults = (results: StudyResults) => unknown;
