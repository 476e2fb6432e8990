/** Results of a study as a file: written by the lab, checked when somebody brings one along. */
import { LabError } from '../core/errors.ts';
import { JsonFields, type FailField } from './json-fields.ts';
import { parseJsonObject } from './json.ts';
import { STAGES } from './ladder.ts';
import { readStudyPlan } from './study-plan.ts';
import {
  CONTROLS,
  PROBES,
  RESULTS_FORMAT,
  RESULTS_VERSION,
  SURFACES,
  type CheckpointResult,
  type Interval,
  type LadderResult,
  type StudyResults,
} from './study-results.ts';

/** The file's text, one line. What is not a number in JSON cannot be among the results. */
export function writeStudyResults(results: StudyResults): string {
  return JSON.stringify(results);
}

/** Reads and checks every field. Throws `format` errors that name the file and the field. */
export function parseStudyResults(text: string, file: string): StudyResults {
  const fail: FailField = (problem) =>
    new LabError('format', `${file}: ${problem}.`, 'Export the results again from the lab that ran the study.');
  const read = new JsonFields(parseJsonObject(file, text), fail);
  if (read.raw('format') !== RESULTS_FORMAT) throw fail('this is no file of study results');
  const version = read.raw('version');
  if (typeof version === 'number' && version > RESULTS_VERSION) {
    const problem = `${file} was written by a later lab (version ${version} of the results; this one reads ${RESULTS_VERSION}).`;
    throw new LabError('format', problem, 'Open the newest version of the lab, by reloading the page.');
  }
  if (version !== RESULTS_VERSION) throw fail(`version ${JSON.stringify(version)} of the results is unknown`);
  const names = read.texts('names');
  const points = read.objects('points').map((point) => ({
    label: point.text('label'),
    stage: point.has('stage') ? point.oneOf('stage', STAGES) : null,
    step: point.has('step') ? point.count('step', 0) : null,
    tokens: point.has('tokens') ? point.count('tokens', 0) : null,
  }));
  const checkpoints = read.list('checkpoints').map((entry) => readCheckpoint(entry, names.length, points.length));
  return {
    format: RESULTS_FORMAT,
    version: RESULTS_VERSION,
    plan: readStudyPlan(read.object('plan'), fail),
    points,
    sets: read.list('sets').map((set) => ({
      name: set.text('name'),
      digest: set.text('digest'),
      counts: set.list('counts').map((count) => ({
        label: count.text('label'),
        category: count.text('category'),
        prompts: count.count('prompts', 0),
      })),
      tooLong: set.has('tooLong') ? set.count('tooLong', 0) : 0, // not told before there was such a count
    })),
    names,
    layer: read.has('layer') ? readLayer(read.object('layer')) : null,
    surface: read.list('surface').map((row) => ({
      surface: row.oneOf('surface', SURFACES),
      direction: row.text('direction'),
      test: row.text('test'),
      auroc: row.number('auroc', 0, 1),
      interval: readInterval(row.object('interval')),
    })),
    checkpoints,
    ladder: read.has('ladder') ? readLadder(read.object('ladder'), checkpoints.length) : null,
    failures: read.list('failures').map((failure) => ({
      point: failure.count('point', 0, points.length - 1),
      message: failure.text('message'),
      nextStep: failure.text('nextStep'),
    })),
  };
}

function readLayer(read: JsonFields): StudyResults['layer'] {
  const layers = read.count('layers', 1);
  return {
    layer: read.count('layer', 0, layers - 1),
    layers,
    hidden: read.count('hidden', 1),
    scores: read.has('scores') ? read.numbers('scores', layers) : null,
  };
}

const readInterval = (read: JsonFields): Interval => ({ low: read.number('low'), high: read.number('high') });

function readCheckpoint(read: JsonFields, names: number, points: number): CheckpointResult {
  return {
    point: read.count('point', 0, points - 1),
    commit: read.text('commit'),
    probes: read.list('probes').map((row) => ({
      probe: row.oneOf('probe', PROBES),
      direction: row.text('direction'),
      test: row.text('test'),
      auroc: row.number('auroc', 0, 1),
      interval: readInterval(row.object('interval')),
      tprAt1Fpr: row.number('tprAt1Fpr', 0, 1),
      accuracy: row.number('accuracy', 0, 1),
      positives: row.count('positives', 1),
      negatives: row.count('negatives', 1),
    })),
    controls: read.list('controls').map((row) => ({
      control: row.oneOf('control', CONTROLS),
      test: row.text('test'),
      auroc: row.number('auroc', 0, 1),
      spread: readInterval(row.object('spread')),
      repeats: row.count('repeats', 1),
    })),
    sweep: read.list('sweep').map((row) => ({
      direction: row.text('direction'),
      test: row.text('test'),
      auroc: row.numbers('auroc'),
    })),
    classes: read.list('classes').map((row) => ({
      name: row.text('name'),
      count: row.count('count', 1),
      centroidNorm: row.number('centroidNorm', 0),
      variance: row.number('variance', 0),
      meanDistance: row.number('meanDistance', 0),
      score: row.number('score'),
      deviation: row.number('deviation', 0),
    })),
    directions: read.list('directions').map((row) => ({ name: row.text('name'), norm: row.number('norm', 0) })),
    cosines: read.rows('cosines', names, names),
  };
}

/** Matrices are as large as there are checkpoints: anything else would be drawn beside its axes. */
function readLadder(read: JsonFields, done: number): LadderResult {
  return {
    directions: read.list('directions').map((direction) => ({
      name: direction.text('name'),
      cosines: direction.rows('cosines', done, done),
      transfer: direction.list('transfer').map((matrix) => ({
        test: matrix.text('test'),
        auroc: matrix.rows('auroc', done, done),
      })),
    })),
    drift: read.list('drift').map((row) => ({ name: row.text('name'), distances: row.numbers('distances', done - 1) })),
    pca: read.has('pca') ? readPca(read.object('pca'), done) : null,
    angles: read.list('angles').map((row) => ({
      from: row.count('from', 0, done - 1),
      to: row.count('to', 0, done - 1),
      degrees: row.numbers('degrees'),
    })),
    jumps: read.list('jumps').map((row) => ({
      from: row.count('from', 0, done - 1),
      to: row.count('to', 0, done - 1),
      direction: row.text('direction'),
      test: row.text('test'),
      difference: row.number('difference', -1, 1),
      p: row.number('p', 0, 1),
      cosine: row.number('cosine', -1, 1),
    })),
  };
}

function readPca(read: JsonFields, done: number): LadderResult['pca'] {
  const explained = read.numbers('explained');
  return {
    explained,
    tracks: read.list('tracks').map((track) => ({
      name: track.text('name'),
      coordinates: track.rows('coordinates', done, explained.length),
    })),
  };
}
