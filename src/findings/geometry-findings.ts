/** What a run says about how the directions lie. */
import { directionLabel } from '../core/categories.ts';
import type { StudyResults } from '../formats/study/study-results.ts';
import { cannotTell, type FindingNumber, type Judgement } from './finding.ts';

const GENERAL = 'general';
const PRIVACY = 'privacy_violation';

/** Of all neighbours, the general direction turns most where SFT begins. */
export function largestJump(results: StudyResults): Judgement {
  const { checkpoints, points, ladder } = results;
  const matrix = ladder?.directions.find(({ name }) => name === GENERAL)?.cosines ?? [];
  const stage = (index: number): string | null => points[checkpoints[index]?.point ?? -1]?.stage ?? null;
  const label = (index: number): string => points[checkpoints[index]?.point ?? -1]?.label ?? '';
  const turns = matrix.slice(1).flatMap((row, before) => {
    const cosine = row[before];
    return cosine === undefined || Number.isNaN(cosine) ? [] : [{ to: before + 1, turn: 1 - cosine }];
  });
  const sft = turns.find(({ to }) => stage(to) === 'sft' && stage(to - 1) !== 'sft');
  if (sft === undefined) return cannotTell('There is no SFT checkpoint with a checkpoint before it.');
  const largest = turns.reduce((most, next) => (next.turn > most.turn ? next : most));
  const later = turns.filter(({ to }) => !['init', 'pretraining'].includes(stage(to) ?? ''));
  const largestLater = later.reduce((most, next) => (next.turn > most.turn ? next : most), sft);
  const number = ({ to, turn }: { to: number; turn: number }): FindingNumber => ({
    what: `1 − cosine, ${label(to - 1)} → ${label(to)}`,
    value: turn,
    interval: null,
  });
  if (largest.to === sft.to) {
    return {
      verdict: 'supported',
      because: 'No other pair of consecutive checkpoints differs more.',
      numbers: [number(sft)],
    };
  }
  const isAlone = later.length < 2;
  const aside =
    !isAlone && largestLater.to === sft.to
      ? ' Among consecutive checkpoints after pretraining, base → SFT differs most.'
      : '';
  return {
    verdict: 'not-supported',
    because: `Another pair of consecutive checkpoints differs more.${aside}`,
    numbers: [number(sft), number(largest)],
  };
}

/** Privacy's direction is the least like the other categories'. */
export function privacyOutlier(results: StudyResults): Judgement {
  const categories = results.names.filter((name) => name !== GENERAL);
  const last = results.checkpoints.at(-1);
  if (last === undefined || !categories.includes(PRIVACY) || categories.length < 3) {
    return cannotTell('There are no directions for privacy and at least two other categories.');
  }
  const ranked = (cosines: readonly (readonly number[])[]): { name: string; value: number }[] =>
    categories
      .map((name) => ({ name, value: meanCosine(results.names, cosines, name, categories) }))
      .filter(({ value }) => !Number.isNaN(value)) // a direction that points nowhere there
      .sort((a, b) => a.value - b.value);
  const ofAll = results.checkpoints
    .map(({ cosines }) => ranked(cosines))
    .filter((order) => order.length >= 3 && order.some(({ name }) => name === PRIVACY));
  const [lowest, next] = ranked(last.cosines);
  const mine = ranked(last.cosines).find(({ name }) => name === PRIVACY);
  if (lowest === undefined || next === undefined || mine === undefined) {
    return cannotTell('At the last checkpoint, there are no directions for privacy and two other categories.');
  }
  const times = ofAll.filter(([first]) => first?.name === PRIVACY).length;
  const other = lowest.name === PRIVACY ? next : lowest;
  const numbers: FindingNumber[] = [
    { what: 'Mean cosine of privacy with the other categories, last checkpoint', value: mine.value, interval: null },
    {
      what: `${lowest.name === PRIVACY ? 'Next lowest' : 'Lowest'}: ${directionLabel(other.name)}`,
      value: other.value,
      interval: null,
    },
  ];
  const isLast = lowest.name === PRIVACY;
  return { verdict: isLast ? 'supported' : 'not-supported', because: lowestAt(times, ofAll.length, isLast), numbers };
}

/** At how many checkpoints it is the lowest, and whether at the last. */
export function lowestAt(times: number, all: number, isLast: boolean): string {
  if (all === 1)
    return isLast ? 'It is the lowest at the only checkpoint.' : 'It is not the lowest at the only checkpoint.';
  if (times === 0) return `It is the lowest at none of ${all} checkpoints.`;
  if (times === all) return `It is the lowest at all ${all} checkpoints.`;
  const end = isLast ? (times === 1 ? ', which is the last' : ', the last among them') : ', but not at the last';
  return `It is the lowest at ${times} of ${all} checkpoints${end}.`;
}

function meanCosine(
  names: readonly string[],
  cosines: readonly (readonly number[])[],
  name: string,
  categories: readonly string[],
): number {
  const row = cosines[names.indexOf(name)] ?? [];
  const others = categories
    .filter((other) => other !== name)
    .map((other) => row[names.indexOf(other)] ?? NaN)
    .filter((cosine) => !Number.isNaN(cosine));
  return others.reduce((sum, value) => sum + value, 0) / others.length;
}
