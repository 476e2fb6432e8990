/** One tab at a time runs this browser's study; the others hear of it, and may run it in their turn. */
import type { StudyPlan } from '../../formats/study/study-plan.ts';
import type { StudyProgress } from '../../labs/study/study-messages.ts';

/** What the tab that runs a study tells the others, each time with its plan: another tab may wait with a different one. */
export type TabMessage = { readonly plan: StudyPlan } & (
  | { readonly kind: 'progress'; readonly progress: StudyProgress }
  | { readonly kind: 'saved' } // results so far
  | { readonly kind: 'stopped' } // by its visitor: nobody goes on with this plan by itself
);

/** `lost` aborts where another tab takes the study over. */
export type OwnTurn = (lost: AbortSignal) => Promise<void>;

export interface StudyTabs {
  /** Runs `work` where no other tab runs a study, and resolves to true; else to false, at once. */
  tryRun(work: OwnTurn): Promise<boolean>;
  /** Runs `work` once no other tab runs one, unless `signal` aborts before. */
  runInTurn(work: OwnTurn, signal: AbortSignal): Promise<void>;
  /** Runs `work` now: the tab that runs a study loses its turn. */
  takeOver(work: OwnTurn): Promise<void>;
  tell(message: TabMessage): void;
  /** Returns what ends it. */
  listen(heard: (message: TabMessage) => void): () => void;
}

const NAME = 'harmscope-study';

/** By Web Locks, which end with their tab; a browser without them runs a study in as many tabs as it is told to. */
export function openStudyTabs(locks: LockManager | undefined, channel: BroadcastChannel | null): StudyTabs {
  const hold = async (options: LockOptions, work: OwnTurn): Promise<boolean> => {
    if (locks === undefined) return work(new AbortController().signal).then(() => true);
    const lost = new AbortController();
    let turn: Promise<void> | null = null;
    try {
      await locks.request(NAME, options, (lock) => (lock === null ? null : (turn = work(lost.signal))));
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
      lost.abort(); // taken away, or given up before its turn
    }
    const own = turn as Promise<void> | null;
    await own;
    return own !== null;
  };
  return {
    tryRun: (work) => hold({ ifAvailable: true }, work),
    runInTurn: async (work, signal) => {
      await hold({ signal }, work);
    },
    takeOver: async (work) => {
      await hold({ steal: true }, work);
    },
    tell: (message) => channel?.postMessage(message),
    listen: (heard) => {
      const listener = ({ data }: MessageEvent): void => heard(data as TabMessage);
      channel?.addEventListener('message', listener);
      return () => channel?.removeEventListener('message', listener);
    },
  };
}

/** Of this page. */
export const pageStudyTabs = (): StudyTabs =>
  openStudyTabs(
    'locks' in navigator ? navigator.locks : undefined,
    'BroadcastChannel' in globalThis ? new BroadcastChannel(NAME) : null,
  );
