/** The wire between the page and the study worker: plain data only. */
import type { StudyPlan } from '../src/formats/study-plan.ts';
import type { ProbeDetail, StudyResults } from '../src/formats/study-results.ts';
import type {
  DetailRequest,
  KeptStudy,
  ShowResults,
  StudyOutline,
  StudyProgress,
  StudyRequest,
} from '../src/study/study-messages.ts';

export type { PlanSet, PlanTest, StudyPlan, StudyPooling, TestRole } from '../src/formats/study-plan.ts';
export type {
  CheckpointResult,
  ControlKind,
  LadderPoint,
  ProbeDetail,
  ProbeKind,
  ProbeRow,
  StudyResults,
  SurfaceKind,
} from '../src/formats/study-results.ts';
export type {
  DetailRequest,
  KeptStudy,
  StudyOutline,
  StudyPhase,
  StudyProgress,
  StudyRequest,
} from '../src/study/study-messages.ts';

/** What the study worker offers. One study runs at a time; every call rejects with a plain `WireError`. */
export interface StudyWorkerApi {
  /** The plan of the built-in study: all checkpoints and prompt sets that the lab is shipped with. */
  builtInPlan(): Promise<StudyPlan>;
  /** Reads a plan as somebody wrote it. Rejects with `format`, naming the field. */
  readPlan(text: string, file: string): Promise<StudyPlan>;
  outline(plan: StudyPlan): Promise<StudyOutline>;
  /** Imported results, else this browser's own study, which may be in its middle; null where there is neither. */
  kept(): Promise<KeptStudy | null>;
  /** This browser's own study, whatever was imported. */
  ownStudy(): Promise<KeptStudy | null>;
  /**
   * Runs what is missing and keeps it. `onResults` gets the results so far as checkpoints are done, and is waited for. Resolves to the finished results;
   * rejects with `interrupted` where it is cancelled: what is done stays.
   */
  run(
    request: StudyRequest,
    onProgress: (progress: StudyProgress) => void,
    onResults: ShowResults,
  ): Promise<StudyResults>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  cancel(): Promise<void>;
  detail(request: DetailRequest): Promise<ProbeDetail>;
  /** Deletes the activations of every plan; results stay. Waits for a study that runs. */
  clearUnits(): Promise<void>;
  /** Results as JSON, one file. */
  exportResults(results: StudyResults): Promise<Uint8Array>;
  /** Directions of all checkpoints as one safetensors file. */
  exportDirections(plan: StudyPlan): Promise<Uint8Array>;
  /** Reads results that were made elsewhere, without keeping them. Rejects with `format`, naming the field. */
  importResults(file: File): Promise<KeptStudy>;
  /** Keeps the results that were imported last, once they were drawn. */
  keepImported(): Promise<void>;
  /** Back from imported results to this browser's own. */
  forgetImported(): Promise<KeptStudy | null>;
}
