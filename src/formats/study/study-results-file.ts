/** Results of a study as a file: written by the lab, checked when somebody brings one along. */
import { LabError } from '../../core/errors.ts';
import { shownValue } from '../../core/text/quote.ts';
import { JsonFields, type FailField } from '../bytes/json-fields.ts';
import { parseJsonObject } from '../bytes/json.ts';
import { STAGES } from '../ladders/ladder.ts';
import {
  LIMITS,
  readCheckpoint,
  readInterval,
  readKnown,
  readLadder,
  readLeftOut,
  readShared,
  unique,
} from './study-results-parts.ts';
import { LONGEST_NAME, MOST, readStudyPlan } from './study-plan.ts';
import { GENERAL, NEGATIVE, RESULTS_FORMAT, RESULTS_VERSION, SURFACES, type StudyResults } from './study-results.ts';

/** The file's text, one line. What was not measured is null in a list of numbers. */
export function writeStudyResults(results: StudyResults): string {
  return JSON.stringify(results);
}

/** Reads and checks every field. Throws `format` errors that name the file and the field. */
export function parseStudyResults(text: string, file: string): StudyResults {
  const fail: FailField = (problem) =>
    new LabError('format', `${file}: ${problem}.`, 'Export the results again from the lab that ran the study.');
  const read = new JsonFields(parseJsonObject(file, text), fail);
  if (read.raw('format') !== RESULTS_FORMAT) throw fail('this is not a file of study results');
  const version = read.raw('version');
  if (typeof version === 'number' && version > RESULTS_VERSION) {
    const problem = `${file} was written by a later lab (version ${version} of the results; this one reads ${RESULTS_VERSION}).`;
    throw new LabError('format', problem, 'Open the newest version of the lab, by reloading the page.');
  }
  if (version !== RESULTS_VERSION) throw fail(`version ${shownValue(version)} of the results is unknown`);
  const names = readNames(read);
  const points = readPoints(read);
  const checkpoints = unique(
    read.list('checkpoints', points.length).map((entry) => readCheckpoint(entry, names, points.length)),
    ({ point }) => point,
    () => read.fail('checkpoints', 'has a point twice'),
  );
  if (checkpoints.some(({ point }, place) => point < (checkpoints[place - 1]?.point ?? 0)))
    throw read.fail('checkpoints', 'is not in the order of the points');
  return {
    format: RESULTS_FORMAT,
    version: RESULTS_VERSION,
    plan: readStudyPlan(read.object('plan'), fail),
    points,
    sets: unique(read.list('sets', MOST.sets).map(readSet), ({ name }) => name, (twice) => read.fail('sets', `has “${twice}” twice`)), // prettier-ignore
    names,
    layer: read.has('layer') ? readLayer(read.object('layer'), points.length) : null,
    surface: unique(read.list('surface', LIMITS.rows).map((row) => ({
      surface: row.oneOf('surface', SURFACES),
      direction: readKnown(row, 'direction', names),
      test: row.text('test', LONGEST_NAME),
      auroc: row.number('auroc', 0, 1),
      interval: readInterval(row.object('interval'), 0, 1),
    })), ({ surface, direction, test }) => JSON.stringify([surface, direction, test]), (twice) => read.fail('surface', `has ${twice} twice`)), // prettier-ignore
    checkpoints,
    ladder: read.has('ladder') ? readLadder(read.object('ladder'), checkpoints.length, names) : null,
    failures: unique(read.list('failures', points.length).map((failure) => ({
      point: failure.count('point', 0, points.length - 1),
      message: failure.text('message', LIMITS.text),
      nextStep: failure.text('nextStep', LIMITS.text),
    })), ({ point }) => point, () => read.fail('failures', 'has a point twice')), // prettier-ignore
    ...readLeftOut(read),
    ...readShared(read),
  };
}

/** `general` first; none is taken by the class without the concept. */
function readNames(read: JsonFields): string[] {
  const names = read.texts('names', LIMITS.directions);
  if (names.some((name) => name.length > LIMITS.name))
    throw read.fail('names', `has one of more than ${LIMITS.name} characters`);
  if (names[0] !== GENERAL || names.includes(NEGATIVE))
    throw read.fail('names', `does not begin with ${GENERAL}, or has ${NEGATIVE}`);
  return unique(names, (name) => name, (twice) => read.fail('names', `has “${twice}” twice`)); // prettier-ignore
}

function readPoints(read: JsonFields): StudyResults['points'] {
  const points = read.list('points', MOST.checkpoints).map((point) => ({
    label: point.text('label', LIMITS.label),
    stage: point.has('stage') ? point.oneOf('stage', STAGES) : null,
    step: point.has('step') ? point.count('step', 0, LIMITS.steps) : null,
    tokens: point.has('tokens') ? point.count('tokens', 0, LIMITS.steps) : null,
  }));
  return unique(points, ({ label }) => label, (twice) => read.fail('points', `has “${twice}” twice`)); // prettier-ignore
}

function readSet(set: JsonFields): StudyResults['sets'][number] {
  return {
    name: set.text('name', LONGEST_NAME),
    digest: set.text('digest', LONGEST_NAME),
    counts: set.list('counts', LIMITS.rows).map((count) => ({
      label: count.text('label', LIMITS.name),
      category: count.text('category', LIMITS.text),
      prompts: count.count('prompts', 0, LIMITS.prompts),
    })),
    tooLong: set.has('tooLong') ? set.count('tooLong', 0, LIMITS.prompts) : 0, // not told before there was such a count
  };
}

function readLayer(read: JsonFields, points: number): StudyResults['layer'] {
  const layers = read.count('layers', 1, LIMITS.layers);
  return {
    layer: read.count('layer', 0, layers - 1),
    layers,
    hidden: read.count('hidden', 1, LIMITS.hidden),
    scores: read.has('scores') ? read.numbers('scores', layers, { least: 0, most: 1, gaps: true }) : null,
    ...(read.has('point') && { point: read.count('point', 0, points - 1) }),
  };
}
