/** What the study of this browser is asked of, does and shows. */
import type { LabError } from '../../core/errors.ts';
import type { ProviderChoice } from '../../engine/device/device-report.ts';
import type { HubAccess } from '../../labs/models/models-messages.ts';
import type { DetailRequest, StudyProgress } from '../../labs/study/study-messages.ts';
import type { ProbeDetail } from '../../formats/study/study-results.ts';
import type { Async } from '../page/async.ts';
import type { StudyTabs } from './study-tabs.ts';

/** One AUROC, as a figure's point or cell names it. */
export type DetailTarget = Omit<DetailRequest, 'plan'>;

export type StudyJob =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'running';
      readonly progress: StudyProgress | null;
      readonly asked: 'pause' | 'stop' | null; // and not done yet
    }
  | { readonly kind: 'elsewhere'; readonly progress: StudyProgress | null; readonly isOther: boolean } // another tab runs it, or another plan
  | { readonly kind: 'stopped' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: LabError };

/** The details of one AUROC. `elsewhere`: on the machine that made the imported results. */
export interface Behind {
  readonly target: DetailTarget;
  readonly answer: Async<ProbeDetail> | { readonly kind: 'elsewhere' };
}

/** What the browser itself is asked for, handed in. */
export interface StudySurroundings {
  persist(): Promise<boolean>;
  /** Resolves when the page has been drawn as it is now. */
  drawn(): Promise<void>;
  /** Hands a file to the visitor. */
  download(file: File): void;
  provider(): ProviderChoice;
  /** Which Hub a ladder of the Hub is asked of. */
  access(): HubAccess;
  /** The other tabs of this browser; none, by default. */
  readonly tabs?: StudyTabs;
}
