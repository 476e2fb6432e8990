import { LabError } from './errors.ts';
import type { Vector } from './vectors.ts';

/**
 * The area under the ROC curve: how often a harmful prompt scores higher than a safe one, ties counting half
 * (Mann–Whitney U over the number of pairs, Hanley and McNeil 1982). 0.5 is chance.
 * @param harmful scores of the positive class
 * @param safe scores of the negative class
 * @throws LabError `bad-request` when a class is empty or a score is NaN
 */
export function auroc(harmful: Vector, safe: Vector): number {
  const positives = sortedScores(harmful, 'harmful');
  const negatives = sortedScores(safe, 'safe');
  let below = 0; // negatives < score
  let upTo = 0; // negatives ≤ score
  let wins = 0;
  for (const score of positives) {
    while (below < negatives.length && (negatives[below] as number) < score) below++;
    while (upTo < negatives.length && (negatives[upTo] as number) <= score) upTo++;
    wins += (below + upTo) / 2;
  }
  return wins / (positives.length * negatives.length);
}

function sortedScores(scores: Vector, name: string): Float64Array {
  if (scores.length === 0) {
    throw new LabError('bad-request', `AUROC: the ${name} class is empty`, 'Choose prompts of both classes.');
  }
  const broken = scores.findIndex(Number.isNaN);
  if (broken >= 0) {
    throw new LabError('bad-request', `AUROC: ${name} score ${broken} is NaN`, 'Check the direction and activations.');
  }
  return new Float64Array(scores).sort();
}
