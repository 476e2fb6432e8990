import type { ProbeKind, StudyResults } from '../../formats/study/study-results.ts';
import {
  flag,
  oneOf,
  readQuery,
  writeQuery,
  type Codec,
  type QueryTable,
  type UrlProblem,
} from '../page/query-table.ts';

/** What Probe, Geometry and Report show of the results; the same on all three. */
export interface StudyViewParams {
  readonly direction: string;
  readonly test: string | null; // null: the first in distribution
  readonly probe: ProbeKind;
  readonly metric: 'auroc' | 'tpr' | 'accuracy';
  readonly axis: 'order' | 'steps' | 'tokens';
  readonly scale: 'linear' | 'log';
  readonly checkpoint: string | null; // its label; null: the last that is done
  readonly controls: boolean;
  readonly surface: boolean;
}

const DEFAULT_VIEW: StudyViewParams = {
  direction: 'general',
  test: null,
  probe: 'projection',
  metric: 'auroc',
  axis: 'order',
  scale: 'log',
  checkpoint: null,
  controls: true,
  surface: true,
};

const LONGEST_NAME = 200; // characters; names of a plan are for people

const name: Codec<string> = {
  expects: 'a name of these results',
  read: (text) => (text !== '' && text.length <= LONGEST_NAME ? text : undefined),
  write: (value) => value,
};
const nameOrNone: Codec<string | null> = { ...name, write: (value) => value ?? '' };

const TABLE: QueryTable<StudyViewParams> = {
  direction: { key: 'direction', codec: name },
  test: { key: 'test', codec: nameOrNone },
  probe: { key: 'probe', codec: oneOf('projection', 'lda', 'logistic') },
  metric: { key: 'metric', codec: oneOf('auroc', 'tpr', 'accuracy') },
  axis: { key: 'axis', codec: oneOf('order', 'steps', 'tokens') },
  scale: { key: 'scale', codec: oneOf('linear', 'log') },
  checkpoint: { key: 'checkpoint', codec: nameOrNone },
  controls: { key: 'controls', codec: flag },
  surface: { key: 'surface', codec: flag },
};

/** The choices of the pages on results, replaced whole at every change. A name that the results lack falls back. */
export class StudyView {
  #params = $state.raw<StudyViewParams>(DEFAULT_VIEW);
  #problems = $state.raw<readonly UrlProblem[]>([]);

  get params(): StudyViewParams {
    return this.#params;
  }
  get problems(): readonly UrlProblem[] {
    return this.#problems;
  }
  get query(): string {
    return writeQuery(this.#params, TABLE, DEFAULT_VIEW);
  }

  /** Takes over the choices of a link; a bare page keeps those that were there. */
  arrive(query: string): void {
    if (query === '') return;
    const { params, problems } = readQuery(query, TABLE, DEFAULT_VIEW);
    this.#params = params;
    this.#problems = problems;
  }

  dismissProblems(): void {
    this.#problems = [];
  }

  set<K extends keyof StudyViewParams>(key: K, value: StudyViewParams[K]): void {
    this.#params = { ...this.#params, [key]: value };
  }

  direction({ names }: StudyResults): string {
    return names.find((found) => found === this.#params.direction) ?? names[0] ?? DEFAULT_VIEW.direction;
  }

  test({ plan }: StudyResults): string {
    const { test } = this.#params;
    const found =
      plan.tests.find((entry) => entry.name === test) ?? plan.tests.find(({ role }) => role === 'in-distribution');
    return (found ?? plan.tests[0])?.name ?? '';
  }

  /** Index into the checkpoints that are done; −1 where none is. */
  checkpoint({ checkpoints, points }: StudyResults): number {
    const chosen = checkpoints.findIndex(({ point }) => points[point]?.label === this.#params.checkpoint);
    return chosen < 0 ? checkpoints.length - 1 : chosen;
  }

  chooseCheckpoint({ checkpoints, points }: StudyResults, index: number): void {
    const label = points[checkpoints[index]?.point ?? -1]?.label ?? null;
    this.set('checkpoint', index === checkpoints.length - 1 ? null : label);
  }
}
