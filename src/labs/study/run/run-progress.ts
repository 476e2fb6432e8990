import { Eta } from '../../jobs/eta.ts';
import type { StudyPhase, StudyProgress } from '../study-messages.ts';
import type { UnitJob, UnitProgress } from './unit-job.ts';

export interface RunProgressParts {
  readonly units: number; // checkpoint × prompt set, those of an earlier run included
  readonly isPaused: () => boolean;
  readonly now: () => number; // milliseconds
  readonly onProgress: (progress: StudyProgress) => void;
}

/** How far a study's run is, and how long it still takes. Every change is reported. */
export class RunProgress {
  readonly eta: Eta;
  readonly #parts: RunProgressParts;
  readonly #underWay = new Map<number, { point: string; progress: UnitProgress }>(); // by point
  #phase: StudyPhase = 'extracting';
  #unitsDone = 0;

  constructor(parts: RunProgressParts) {
    this.#parts = parts;
    this.eta = new Eta(parts.now);
  }

  get isIdle(): boolean {
    return this.#underWay.size === 0;
  }

  enter(phase: StudyPhase): void {
    this.#phase = phase;
  }

  /** So many prompts are to be read from now on, and so many units are stored already. */
  plan(prompts: number, unitsDone: number): void {
    this.#unitsDone = unitsDone;
    this.eta.plan(prompts);
    this.eta.start();
  }

  /** A checkpoint's unit has come so far. */
  hear(index: number, { label }: UnitJob, progress: UnitProgress): void {
    this.#underWay.set(index, { point: label, progress });
    if (progress.stored) {
      this.eta.finish(index, progress.done);
      this.#unitsDone++;
    } else {
      this.eta.reach(index, progress.done);
    }
    this.report();
  }

  /** A checkpoint is finished, or left out. */
  leave(index: number): void {
    this.#underWay.delete(index);
    this.eta.drop(index);
  }

  report(): void {
    const underWay = [...this.#underWay.values()];
    const waitingFor = underWay.find(({ progress }) => progress.waitingFor !== null)?.progress.waitingFor ?? null;
    this.#parts.onProgress({
      status: this.#parts.isPaused() ? 'paused' : waitingFor === null ? 'running' : 'waiting',
      phase: this.#phase,
      waitingFor,
      unitsDone: this.#unitsDone,
      units: this.#parts.units,
      underWay: underWay.map(({ point, progress: { set, done, total } }) => ({ point, set, done, total })),
      secondsLeft: this.eta.secondsLeft,
    });
  }
}
