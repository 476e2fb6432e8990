/** What a run says about how well the general direction separates. */
import { counted } from '../core/text/plural.ts';
import type { Stage } from '../formats/ladders/ladder.ts';
import type { TestRole } from '../formats/study/study-plan.ts';
import type { CheckpointResult, ProbeRow, StudyResults } from '../formats/study/study-results.ts';
import { cannotTell, type FindingNumber, type Judgement } from './finding.ts';

const AT_INIT = 0.85; // “about 0.9”, to the nearest tenth
const CLEAR_DROP = 0.1; // of AUROC, in distribution to rewritten
const NEAR_CEILING = 0.95;
const NEAR_CHANCE = 0.05; // away from 0.5
/** “Early” is initialisation and this share of the pretraining checkpoints of the plan. */
const EARLY_SHARE = 1 / 4;

const GENERAL = 'general';
const POST_TRAINING: readonly Stage[] = ['sft', 'dpo', 'instruct'];

/** In distribution, the general direction separates at about 0.9 before any training. */
export function atInitialisation(results: StudyResults): Judgement {
  const test = testName(results, 'in-distribution');
  if (test === null) return cannotTell('The plan has no in-distribution test.');
  const init = results.checkpoints.find(({ point }) => stageAt(results, point) === 'init');
  const row = init && generalRow(init, test);
  if (init === undefined || row === undefined) return cannotTell('There are no results at initialization.');
  const numbers = [aurocNumber(row, `AUROC on ${test} at ${labelAt(results, init)}`)];
  const line = AT_INIT.toFixed(2);
  if (row.auroc >= AT_INIT) return { verdict: 'supported', because: `It is at least ${line}.`, numbers };
  if (row.interval.high < AT_INIT)
    return { verdict: 'not-supported', because: `It and its interval are below ${line}.`, numbers };
  return cannotTell(`It is below ${line}, but its interval reaches above.`, numbers);
}

/** Early checkpoints lose much on rewritten prompts; after post-training they are near ceiling. */
export function rewrittenPrompts(results: StudyResults): Judgement {
  const [within, rewritten] = [testName(results, 'in-distribution'), testName(results, 'rewritten')];
  if (within === null || rewritten === null)
    return cannotTell('The plan needs an in-distribution test and a rewritten one.');
  const early = earlyCheckpoints(results);
  const drops = early.flatMap((checkpoint) => {
    const [one, other] = [generalRow(checkpoint, within), generalRow(checkpoint, rewritten)];
    return one === undefined || other === undefined ? [] : [one.auroc - other.auroc];
  });
  const last = results.checkpoints.findLast(({ point }) => POST_TRAINING.includes(stageAt(results, point) ?? 'init'));
  const row = last && generalRow(last, rewritten);
  const numbers: FindingNumber[] = [
    ...(drops.length === 0
      ? []
      : [
          {
            what: `Drop from ${within} to ${rewritten}, ${drops.length === 1 ? 'at the only early checkpoint' : `mean of ${drops.length} early checkpoints`}`,
            value: mean(drops),
            interval: null,
          },
        ]),
    ...(row === undefined || last === undefined
      ? []
      : [aurocNumber(row, `AUROC on ${rewritten} at ${labelAt(results, last)}`)]),
  ];
  if (drops.length === 0) return cannotTell('No early checkpoint has results on both tests.', numbers);
  if (row === undefined) return cannotTell('There are no results after post-training.', numbers);
  const isClear = mean(drops) >= CLEAR_DROP;
  const ceiling = row.auroc >= NEAR_CEILING;
  const [subject, verb] = drops.length === 1 ? ['The early checkpoint', isClear ? 'loses' : 'does not lose'] : ['Early checkpoints', isClear ? 'lose' : 'do not lose']; // prettier-ignore
  const because =
    `${subject} ${verb} ${CLEAR_DROP} or more; ` +
    `the last one after post-training is ${ceiling ? '' : 'not '}at ${NEAR_CEILING} or above.`;
  return { verdict: isClear && ceiling ? 'supported' : 'not-supported', because, numbers };
}

/** Directions of shuffled labels are at chance. */
export function randomLabels(results: StudyResults): Judgement {
  const test = testName(results, 'in-distribution');
  const rows = results.checkpoints.flatMap(({ controls }) =>
    controls.filter((row) => row.control === 'random-labels' && row.test === test),
  );
  if (test === null || rows.length === 0) return cannotTell('There are no results for the random-label control.');
  const average = mean(rows.map(({ auroc }) => auroc));
  const last = rows.at(-1);
  const numbers: FindingNumber[] = [
    {
      what: `Mean over ${counted(rows.length, 'checkpoint')}, ${counted(last?.repeats ?? 0, 'repeat')} each, on ${test}`,
      value: average,
      interval: null,
    },
    ...(last === undefined
      ? []
      : [
          {
            what: 'At the last checkpoint with this control',
            value: last.auroc,
            interval: last.spread,
            repeats: last.repeats,
          },
        ]),
  ];
  const isNear = Math.abs(average - 0.5) <= NEAR_CHANCE;
  const because = `The mean is ${isNear ? 'within' : 'more than'} ${NEAR_CHANCE} of 0.5.`;
  return { verdict: isNear ? 'supported' : 'not-supported', because, numbers };
}

/** On rewritten prompts the last checkpoint reads more than words alone do, with no model. */
export function beyondWords(results: StudyResults): Judgement {
  const test = testName(results, 'rewritten');
  const last = results.checkpoints.at(-1);
  const row = test === null || last === undefined ? undefined : generalRow(last, test);
  const words = results.surface.find(
    (entry) => entry.surface === 'words' && entry.direction === GENERAL && entry.test === test,
  );
  if (last === undefined || row === undefined || words === undefined) {
    return cannotTell('There is no rewritten test with both a probe and a bag-of-words baseline.');
  }
  const numbers = [
    aurocNumber(row, `AUROC on ${row.test} at ${labelAt(results, last)}`),
    { what: 'AUROC of the bag of words, no model', value: words.auroc, interval: words.interval },
  ];
  if (row.interval.low > words.interval.high)
    return { verdict: 'supported', because: 'Its interval is above that of the bag of words.', numbers };
  if (row.interval.high < words.interval.low)
    return { verdict: 'not-supported', because: 'Its interval is below that of the bag of words.', numbers };
  return cannotTell('The two intervals overlap.', numbers);
}

function earlyCheckpoints(results: StudyResults): readonly CheckpointResult[] {
  const pretraining = results.points.flatMap(({ stage }, point) => (stage === 'pretraining' ? [point] : []));
  const early = new Set(pretraining.slice(0, Math.max(1, Math.ceil(pretraining.length * EARLY_SHARE))));
  return results.checkpoints.filter(({ point }) => stageAt(results, point) === 'init' || early.has(point));
}

const testName = ({ plan }: StudyResults, role: TestRole): string | null =>
  plan.tests.find((test) => test.role === role)?.name ?? null;

const generalRow = ({ probes }: CheckpointResult, test: string): ProbeRow | undefined =>
  probes.find((row) => row.probe === 'projection' && row.direction === GENERAL && row.test === test);

const stageAt = ({ points }: StudyResults, point: number): Stage | null => points[point]?.stage ?? null;

const labelAt = ({ points }: StudyResults, { point }: CheckpointResult): string => points[point]?.label ?? '';

const aurocNumber = ({ auroc, interval }: ProbeRow, what: string): FindingNumber => ({ what, value: auroc, interval });

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
