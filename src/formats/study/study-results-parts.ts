/** Parts of a study's results as a file holds them: each number within its bounds, each name known and there once. */
import { shown } from '../../core/text/quote.ts';
import type { LabError } from '../../core/errors.ts';
import type { JsonFields, NumberRange } from '../bytes/json-fields.ts';
import { LONGEST_NAME, MOST } from './study-plan.ts';
import {
  CONTROLS,
  NEGATIVE,
  PROBES,
  type CheckpointResult,
  type Interval,
  type LadderResult,
  SHARINGS,
  type LeftOut,
  type SharedPrompts,
} from './study-results.ts';

/** What a page can draw. The lab itself stays far below. */
export const LIMITS = {
  directions: 200,
  layers: 1000,
  hidden: 1_000_000,
  rows: 100_000, // of a table
  prompts: 1e9,
  steps: 1e15, // and tokens
  name: 300, // characters, of a direction
  label: 500, // of a checkpoint
  text: 10_000,
  size: 1e100, // of a length in the residual stream, and its square
} as const;

const SHARE: NumberRange = { least: 0, most: 1, gaps: true };
const COSINE: NumberRange = { least: -1, most: 1, gaps: true };
const LENGTH: NumberRange = { least: 0, most: LIMITS.size };
const ANYWHERE: NumberRange = { least: -LIMITS.size, most: LIMITS.size };

/** Rows that differ in their key. */
export function unique<T>(rows: T[], keyOf: (row: T) => unknown, error: (twice: string) => LabError): T[] {
  const seen = new Set<unknown>();
  for (const row of rows) {
    const key = keyOf(row);
    if (seen.has(key)) throw error(shown(String(key)));
    seen.add(key);
  }
  return rows;
}

export function readInterval(read: JsonFields, least: number, most: number): Interval {
  const low = read.number('low', least, most);
  return { low, high: read.number('high', low, most) };
}

/** A list whose rows are found by their place: one for each name, in the names’ order, or none at all. */
function inOrder<T extends { readonly name: string }>(
  read: JsonFields,
  list: string,
  rows: T[],
  names: readonly string[],
): T[] {
  if (rows.length === 0) return rows;
  if (rows.length === names.length && rows.every(({ name }, place) => name === names[place])) return rows;
  throw read.fail(list, 'does not have one entry for each of the names, in their order');
}

/** A text that has to be one of the results' names. */
export function readKnown(
  read: JsonFields,
  field: string,
  names: readonly string[],
  others: readonly string[] = [],
): string {
  const name = read.text(field, LIMITS.name);
  if (names.includes(name) || others.includes(name)) return name;
  throw read.fail(field, `“${shown(name)}” is not one of the names`);
}

/** Absent where there is none. */
export function readLeftOut(read: JsonFields): { readonly leftOut?: readonly LeftOut[] } {
  if (!read.has('leftOut')) return {};
  const leftOut = read.list('leftOut', LIMITS.rows).map((part) => ({
    what: part.text('what', LIMITS.text),
    direction: part.has('direction') ? part.text('direction', LIMITS.name) : null,
    test: part.has('test') ? part.text('test', LONGEST_NAME) : null,
    reason: part.text('reason', LIMITS.text),
  }));
  return { leftOut };
}

/** Absent where there is none. */
export function readShared(read: JsonFields): { readonly shared?: readonly SharedPrompts[] } {
  if (!read.has('shared')) return {};
  const shared = read.list('shared', LIMITS.rows).map((part) => ({
    kind: part.oneOf('kind', SHARINGS),
    test: part.has('test') ? part.text('test', LONGEST_NAME) : null,
    sets: part.texts('sets', MOST.sets),
    prompts: part.count('prompts', 1, LIMITS.prompts),
    of: part.count('of', 1, LIMITS.prompts),
    otherLabel: part.count('otherLabel', 0, LIMITS.prompts),
  }));
  return { shared };
}

export function readCheckpoint(read: JsonFields, names: readonly string[], points: number): CheckpointResult {
  const key = (...parts: readonly string[]): string => JSON.stringify(parts);
  const once = <T>(list: string, rows: T[], keyOf: (row: T) => string): T[] =>
    unique(rows, keyOf, (twice) => read.fail(list, `has ${twice} twice`));
  const known = (row: JsonFields, field: string, others: readonly string[] = []): string =>
    readKnown(row, field, names, others);
  return {
    point: read.count('point', 0, points - 1),
    commit: read.text('commit', LONGEST_NAME),
    probes: once('probes', read.list('probes', LIMITS.rows).map((row) => ({
      probe: row.oneOf('probe', PROBES),
      direction: known(row, 'direction'),
      test: row.text('test', LONGEST_NAME),
      auroc: row.number('auroc', 0, 1),
      interval: readInterval(row.object('interval'), 0, 1),
      tprAt1Fpr: row.number('tprAt1Fpr', 0, 1),
      accuracy: row.number('accuracy', 0, 1),
      positives: row.count('positives', 1, LIMITS.prompts),
      negatives: row.count('negatives', 1, LIMITS.prompts),
    })), ({ probe, direction, test }) => key(probe, direction, test)), // prettier-ignore
    controls: once('controls', read.list('controls', LIMITS.rows).map((row) => ({
      control: row.oneOf('control', CONTROLS),
      test: row.text('test', LONGEST_NAME),
      auroc: row.number('auroc', 0, 1),
      spread: readInterval(row.object('spread'), 0, 1),
      repeats: row.count('repeats', 1, LIMITS.rows),
    })), ({ control, test }) => key(control, test)), // prettier-ignore
    sweep: once('sweep', read.list('sweep', LIMITS.rows).map((row) => ({
      direction: known(row, 'direction'),
      test: row.text('test', LONGEST_NAME),
      auroc: upTo(row, 'auroc', LIMITS.layers, SHARE),
    })), ({ direction, test }) => key(direction, test)), // prettier-ignore
    classes: once('classes', read.list('classes', names.length + 1).map((row) => ({
      name: known(row, 'name', [NEGATIVE]),
      count: row.count('count', 1, LIMITS.prompts),
      centroidNorm: row.number('centroidNorm', 0, LIMITS.size),
      variance: row.number('variance', 0, LIMITS.size),
      meanDistance: row.number('meanDistance', 0, LIMITS.size),
      score: row.number('score', -LIMITS.size, LIMITS.size),
      deviation: row.number('deviation', 0, LIMITS.size),
    })), ({ name }) => key(name)), // prettier-ignore
    directions: inOrder(read, 'directions', read.list('directions', names.length).map((row) => ({
      name: row.text('name', LIMITS.name),
      norm: row.number('norm', 0, LIMITS.size),
    })), names), // prettier-ignore
    cosines: read.rows('cosines', names.length, names.length, COSINE),
    ...readLeftOut(read),
  };
}

/** A list of numbers, so many at most. */
function upTo(read: JsonFields, key: string, most: number, range: NumberRange): number[] {
  const numbers = read.numbers(key, null, range);
  if (numbers.length > most) throw read.fail(key, `has ${numbers.length} numbers, more than ${most}`);
  return numbers;
}

/** Matrices are as large as there are checkpoints: anything else would be drawn beside its axes. */
export function readLadder(read: JsonFields, done: number, names: readonly string[]): LadderResult {
  const named = <T extends { readonly name: string }>(list: string, rows: T[]): T[] => {
    for (const { name } of rows) {
      if (!names.includes(name) && name !== NEGATIVE)
        throw read.fail(list, `has “${shown(name)}”, which is not one of the names`);
    }
    return unique(rows, ({ name }) => name, (twice) => read.fail(list, `has “${twice}” twice`)); // prettier-ignore
  };
  return {
    directions: inOrder(read, 'directions', read.list('directions', names.length).map((direction) => ({
      name: direction.text('name', LIMITS.name),
      cosines: direction.rows('cosines', done, done, COSINE),
      transfer: unique(direction.list('transfer', LIMITS.rows).map((matrix) => ({
        test: matrix.text('test', LONGEST_NAME),
        auroc: matrix.rows('auroc', done, done, SHARE),
      })), ({ test }) => test, (twice) => direction.fail('transfer', `has “${twice}” twice`)), // prettier-ignore
    })), names), // prettier-ignore
    drift: named('drift', read.list('drift', names.length + 1).map((row) => ({
      name: row.text('name', LIMITS.name),
      distances: row.numbers('distances', done - 1, LENGTH),
    }))), // prettier-ignore
    pca: read.has('pca') ? readPca(read.object('pca'), done, named) : null,
    angles: read.list('angles', done).map((row) => ({
      from: row.count('from', 0, done - 1),
      to: row.count('to', 0, done - 1),
      degrees: upTo(row, 'degrees', LIMITS.directions, { least: 0, most: 90.001 }),
    })),
    jumps: read.list('jumps', LIMITS.rows).map((row) => ({
      from: row.count('from', 0, done - 1),
      to: row.count('to', 0, done - 1),
      direction: readKnown(row, 'direction', names),
      test: row.text('test', LONGEST_NAME),
      difference: row.number('difference', -1, 1),
      p: row.number('p', 0, 1),
      cosine: row.number('cosine', -1, 1),
    })),
  };
}

const MOST_COMPONENTS = 10;

function readPca(
  read: JsonFields,
  done: number,
  named: <T extends { readonly name: string }>(list: string, rows: T[]) => T[],
): LadderResult['pca'] {
  const explained = upTo(read, 'explained', MOST_COMPONENTS, { least: 0, most: 1.001 });
  return {
    explained,
    tracks: named('pca.tracks', read.list('tracks', LIMITS.directions + 1).map((track) => ({
      name: track.text('name', LIMITS.name),
      coordinates: track.rows('coordinates', done, explained.length, ANYWHERE),
    }))), // prettier-ignore
  };
}
