/**
 * When this tab runs its plan: at once, or after the tab that runs a study now. One that waits with the plan that is running shows
 * what that comes to, and goes on with it only where its tab was closed; one that waits with another plan runs it in any case.
 */
import type { SavedStudy, StudyProgress } from '../../labs/study/study-messages.ts';
import type { StudyPlan } from '../../formats/study/study-plan.ts';
import { isSamePlan } from './plan-edit.ts';
import type { OwnTurn, StudyTabs, TabMessage } from './study-tabs.ts';

/** What happens in this tab. */
export interface TurnTaker {
  /** A run begins here. */
  begin(): void;
  /** Runs the plan until it is done, has failed, was stopped, or `lost` aborts. It never rejects; true: done. */
  work(plan: StudyPlan, lost: AbortSignal): Promise<boolean>;
  /** Another tab runs a study. `isOther`: known to be one of a different plan than this tab’s. */
  elsewhere(progress: StudyProgress | null, isOther: boolean): void;
  /** What this browser keeps, shown where this tab still waits; null where it keeps nothing. */
  reread(): Promise<SavedStudy | null>;
  /** Waiting is over, and there is nothing to run here. */
  end(how: 'done' | 'stopped'): void;
}

export class StudyTurns {
  readonly #tabs: StudyTabs;
  readonly #taker: TurnTaker;
  #waiting: AbortController | null = null; // while another tab runs a study

  constructor(tabs: StudyTabs, taker: TurnTaker) {
    this.#tabs = tabs;
    this.#taker = taker;
  }

  /** Runs the plan now, or waits where another tab runs a study. Resolves when a run here has settled. */
  async run(plan: StudyPlan): Promise<void> {
    this.#begin();
    if (!(await this.#tabs.tryRun(this.#turn(plan)))) this.#wait(plan);
  }

  /** Runs the plan now; the tab that runs a study waits. */
  async takeOver(plan: StudyPlan): Promise<void> {
    this.#begin();
    await this.#tabs.takeOver(this.#turn(plan));
  }

  /** Waits no longer. */
  leave(): void {
    this.#waiting?.abort();
    this.#waiting = null;
  }

  tell(message: TabMessage): void {
    this.#tabs.tell(message);
  }

  #begin(): void {
    this.leave();
    this.#taker.begin();
  }

  #turn(plan: StudyPlan): OwnTurn {
    return async (lost) => {
      if (await this.#taker.work(plan, lost)) return;
      if (lost.aborted) this.#wait(plan);
      else this.tell({ kind: 'stopped', plan });
    };
  }

  #wait(plan: StudyPlan): void {
    const waiting = new AbortController();
    this.#waiting = waiting;
    let hasHeard = false;
    const end = this.#tabs.listen((message) => {
      const isOther = !isSamePlan(message.plan, plan);
      if (message.kind === 'progress') {
        hasHeard = true;
        this.#taker.elsewhere(message.progress, isOther);
      } else if (message.kind === 'saved') void this.#taker.reread();
      else if (!isOther) void this.#stop(waiting);
    });
    waiting.signal.addEventListener('abort', end);
    const turn: OwnTurn = async (lost) => {
      const kept = await this.#taker.reread(); // word that it was stopped may come after the turn
      end();
      if (waiting.signal.aborted) return;
      if (kept?.complete === true && isSamePlan(plan, kept.results.plan)) this.#end(waiting, 'done');
      else {
        this.#begin();
        await this.#turn(plan)(lost);
      }
    };
    this.#taker.elsewhere(null, false);
    void this.#taker.reread().then((kept) => {
      if (kept === null || hasHeard || this.#waiting !== waiting) return;
      this.#taker.elsewhere(null, !isSamePlan(kept.results.plan, plan)); // one that is paused says nothing; what it keeps does
    });
    void this.#tabs.runInTurn(turn, waiting.signal);
  }

  async #stop(waiting: AbortController): Promise<void> {
    waiting.abort();
    await this.#taker.reread();
    this.#end(waiting, 'stopped');
  }

  #end(waiting: AbortController, how: 'done' | 'stopped'): void {
    if (this.#waiting !== waiting) return; // its visitor was faster
    this.#waiting = null;
    this.#taker.end(how);
  }
}
