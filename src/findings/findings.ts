/** The original study's claims, each judged from the data at hand, and the limits of that data. */
import { counted } from '../core/text/plural.ts';
import type { StudyResults } from '../formats/study/study-results.ts';
import { atInitialisation, beyondWords, randomLabels, rewrittenPrompts } from './auroc-findings.ts';
import { leftOutLines } from './left-out.ts';
import { sharedLines } from './shared-prompts.ts';
import { cannotTell, type Finding } from './finding.ts';
import { largestJump, privacyOutlier } from './geometry-findings.ts';

export function findingsOf(results: StudyResults): readonly Finding[] {
  return [
    {
      id: 'init',
      origin: 'original',
      claim: 'In distribution, the general direction already reaches an AUROC of about 0.9 at initialization.',
      ...atInitialisation(results),
    },
    {
      id: 'rewritten',
      origin: 'original',
      claim:
        'On lexically rewritten prompts, early checkpoints drop clearly; after post-training, scores are near the ceiling.',
      ...rewrittenPrompts(results),
    },
    {
      id: 'random-labels',
      origin: 'original',
      claim: 'Directions from random labels separate nothing: AUROC is about 0.5 (0.512 in the original study).',
      ...randomLabels(results),
    },
    {
      id: 'jump',
      origin: 'original',
      claim: 'The general direction changes most from the base model to SFT.',
      ...largestJump(results),
    },
    {
      id: 'privacy',
      origin: 'original',
      claim: 'Privacy is the outlier among the categories.',
      ...privacyOutlier(results),
    },
    {
      id: 'steering',
      origin: 'original',
      claim: 'Steering becomes usable after early training, and raises refusal from 31 % up to 98 %.',
      ...cannotTell('This study generates no text; try steering on the Steer page.'),
    },
    {
      id: 'words',
      origin: 'lab',
      claim: 'On rewritten prompts, the last checkpoint’s direction separates the classes better than the words alone.',
      ...beyondWords(results),
    },
  ];
}

/** What a reader should know before leaning on the findings. */
export function limitsOf(results: StudyResults): readonly string[] {
  const { plan, points, checkpoints, failures, sets } = results;
  const missing = points.length - checkpoints.length;
  const parts = leftOutLines(results).slice(failures.length);
  let smallest = Infinity; // prompts of a class
  for (const { probes } of checkpoints) {
    for (const { positives, negatives } of probes) smallest = Math.min(smallest, positives, negatives);
  }
  const shown = (lines: readonly string[]): string[] =>
    lines.length <= MOST_LINES ? [...lines] : [...lines.slice(0, MOST_LINES), `And ${lines.length - MOST_LINES} more.`];
  return [
    ...shown(sharedLines(results.shared ?? [])),
    ...(missing > 0 ? [notMeasured(missing, points.length)] : []),
    ...shown(failures.map(({ point, message }) => `${labelOf(results, point)} was left out: ${message}`)),
    ...shown(parts.map(({ where, text }) => `${where}: ${text}`)),
    ...(plan.layer === 'auto' ? [chosenLayer(results)] : []),
    ...(smallest < 100
      ? [`The smallest class of a test has ${counted(smallest, 'prompt')}; its intervals are wide.`]
      : []),
    'Intervals cover the sampling of prompts, not of training runs: one ladder is one training run.',
    'p-values between stages are not corrected for multiple tests.',
    ...(plan.ladder.kind === 'built-in'
      ? [
          'The built-in ladder is a model of about a million parameters trained on a small made-up world; large models may differ.',
        ]
      : []),
    `Prompts: ${sets.map(({ name, counts }) => `${name} ${counts.reduce((sum, { prompts }) => sum + prompts, 0)}`).join(', ')}.`,
  ];
}

const MOST_LINES = 20;

function notMeasured(missing: number, all: number): string {
  if (missing === all) return 'No checkpoint has results, so the figures are empty.';
  return `${missing} of ${all} checkpoints ${missing === 1 ? 'has' : 'have'} no results; figures show gaps there.`;
}

function chosenLayer(results: StudyResults): string {
  const { layer, points } = results;
  const on = layer?.point ?? points.length - 1;
  if (on === points.length - 1) {
    return 'The layer was chosen by AUROC on the last checkpoint, so that checkpoint’s numbers are slightly optimistic.';
  }
  return `The layer was chosen by AUROC on ${labelOf(results, on)}, because no later checkpoint could be measured; that checkpoint’s numbers are slightly optimistic.`;
}

const labelOf = ({ points }: StudyResults, point: number): string => points[point]?.label ?? `Checkpoint ${point + 1}`;
