/** A claim of the original study beside what a run shows. */
import type { Interval } from '../formats/study/study-results.ts';

/** cannot-tell: the run lacks what the claim is about, or its intervals reach over the line. */
export type Verdict = 'supported' | 'not-supported' | 'cannot-tell';

export const VERDICT_LABELS: Readonly<Record<Verdict, string>> = {
  supported: 'Supported',
  'not-supported': 'Not supported',
  'cannot-tell': 'Inconclusive in this run',
};

export interface Finding {
  readonly id: string;
  readonly claim: string;
  readonly origin: 'original' | 'lab'; // of the published study, or a question of this lab's own
  readonly verdict: Verdict;
  readonly because: string; // how the verdict comes about, in a sentence
  readonly numbers: readonly FindingNumber[];
}

export interface FindingNumber {
  readonly what: string;
  readonly value: number;
  readonly interval: Interval | null; // 95 %, or where the middle 95 % of the repeats lie
  readonly repeats?: number; // of a random control
}

/** A finding without its claim: what a judge returns. */
export type Judgement = Pick<Finding, 'verdict' | 'because' | 'numbers'>;

export const cannotTell = (because: string, numbers: readonly FindingNumber[] = []): Judgement => ({
  verdict: 'cannot-tell',
  because,
  numbers,
});
