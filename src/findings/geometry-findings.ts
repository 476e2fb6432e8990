/** What a run says about how the directions lie. */
import type { StudyResults } from '../formats/study-results.ts';
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
    return cosine === undefined ? [] : [{ to: before + 1, turn: 1 - cosine }];
  });
  const sft = turns.find(({ to }) => stage(to) === 'sft' && stage(to - 1) !== 'sft');
  if (sft === undefined) return cannotTell('There is no SFT checkpoint with one before it.');
  const largest = turns.reduce((most, next) => (next.turn > most.turn ? next : most));
  const later = turns.filter(({ to }) => !['init', 'pretraining'].includes(stage(to) ?? ''));
  const largestLater = later.reduce((most, next) => (next.turn > most.turn ? next : most), sft);
  const number = ({ to, turn }: { to: number; turn: number }): FindingNumber => ({
    what: `1 − cosine, ${label(to - 1)} → ${label(to)}`,
    value: turn,
    interval: null,
  });
  if (largest.to === sft.to) {
    return { verdict: 'supported', because: 'No other pair of neighbours turns further.', numbers: [number(sft)] };
  }
  const aside = largestLater.to === sft.to ? ' Among neighbours after pretraining, base → SFT turns furthest.' : '';
  return {
    verdict: 'not-supported',
    because: `Another pair of neighbours turns further.${aside}`,
    numbers: [number(sft), number(largest)],
  };
}

/** Privacy's direction is the least like the other categories'. */
export function privacyOutlier(results: StudyResults): Judgement {
  const categories = results.names.filter((name) => name !== GENERAL);
  const last = results.checkpoints.at(-1);
  if (last === undefined || !categories.includes(PRIVACY) || categories.length < 3) {
    return cannotTell('There are no directions of privacy and of two categories more.');
  }
  const ranked = (cosines: readonly (readonly number[])[]): { name: string; value: number }[] =>
    categories
      .map((name) => ({ name, value: meanCosine(results.names, cosines, name, categories) }))
      .sort((a, b) => a.value - b.value);
  const [lowest, next] = ranked(last.cosines);
  const times = results.checkpoints.filter(({ cosines }) => ranked(cosines)[0]?.name === PRIVACY).length;
  const mine = ranked(last.cosines).find(({ name }) => name === PRIVACY);
  if (lowest === undefined || next === undefined || mine === undefined) return cannotTell('There are no cosines.');
  const other = lowest.name === PRIVACY ? next : lowest;
  const numbers: FindingNumber[] = [
    { what: 'Mean cosine of privacy to the other categories, last checkpoint', value: mine.value, interval: null },
    {
      what: `${lowest.name === PRIVACY ? 'Next lowest' : 'Lowest'}: ${other.name}`,
      value: other.value,
      interval: null,
    },
  ];
  const because = `It is the lowest at ${times} of ${results.checkpoints.length} checkpoints${lowest.name === PRIVACY ? ', the last among them' : ', but not at the last'}.`;
  return { verdict: lowest.name === PRIVACY ? 'supported' : 'not-supported', because, numbers };
}

function meanCosine(
  names: readonly string[],
  cosines: readonly (readonly number[])[],
  name: string,
  categories: readonly string[],
): number {
  const row = cosines[names.indexOf(name)] ?? [];
  const others = categories.filter((other) => other !== name).map((other) => row[names.indexOf(other)] ?? NaN);
  return others.reduce((sum, value) => sum + value, 0) / others.length;
}
