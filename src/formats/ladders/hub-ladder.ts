/**
 * A ladder of checkpoints on the Hub, as `public/ladders/*.json` or somebody's own list describes it: revisions by name, and
 * rules that pick some of a repository's branches. What the rules come to is known once the branches are listed.
 */
import { LabError } from '../../core/errors.ts';
import { shown, shownValue } from '../../core/text/quote.ts';
import { isJsonObject, type JsonObject } from '../bytes/json.ts';
import { STAGES, type Stage } from './ladder.ts';

/** Which of the branches that fit a pattern are taken, by their steps. */
export type PickRule =
  | { readonly kind: 'first' }
  | { readonly kind: 'last' }
  | { readonly kind: 'every'; readonly steps: number; readonly from: number; readonly to: number } // multiples of `steps`
  | { readonly kind: 'spread'; readonly count: number; readonly after: number }; // evenly in log(step), the last among them

export interface NamedEntry {
  readonly kind: 'named';
  readonly repo: string; // owner/name
  readonly revision: string;
  readonly stage: Stage | null;
  readonly step: number | null;
  readonly tokens: number | null; // seen until then
}

export interface RuleEntry {
  readonly kind: 'rule';
  readonly repo: string;
  readonly branches: string; // `stage1-step{step}-tokens{tokens}B`: whole names, {tokens} in units of 10⁹ where B follows
  readonly stage: Stage | null;
  readonly pick: PickRule;
}

type HubLadderEntry = NamedEntry | RuleEntry;

export interface HubLadder {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly entries: readonly HubLadderEntry[]; // from the first checkpoint of the training to the last
}

/** Reads a ladder, or a bare array of {repo, revision}. Throws `format` errors that name the file, the entry and the field. */
export function parseHubLadder(text: string, file: string): HubLadder {
  const fail = (problem: string, where = ''): LabError =>
    new LabError('format', `${shown(file)}${where}: ${problem}.`, 'Correct the file; public/ladders holds examples.');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw fail(`it is not valid JSON (${shown(cause instanceof Error ? cause.message : String(cause))})`);
  }
  const entriesOf = (value: unknown): HubLadderEntry[] => {
    if (!Array.isArray(value) || value.length === 0) throw fail('it lists no checkpoints');
    return value.map((entry: unknown, index) => {
      const where = `, entry ${index + 1}`;
      if (!isJsonObject(entry)) throw fail('it is not described', where);
      return readEntry(entry, (problem) => fail(problem, where));
    });
  };
  if (Array.isArray(json)) return { id: file, name: file, description: '', entries: entriesOf(json) };
  if (!isJsonObject(json)) throw fail('it is neither a ladder nor a list');
  if (json['version'] !== 1) throw fail(`version ${shownValue(json['version'])} is unknown`);
  const read = new EntryReader(json, fail);
  const [id, name, description] = [read.text('id'), read.text('name'), read.text('description')];
  return { id, name, description, entries: entriesOf(json['entries']) };
}

function readEntry(entry: JsonObject, fail: (problem: string) => LabError): HubLadderEntry {
  const inner = entry['source'];
  const source = new EntryReader(isJsonObject(inner) ? inner : entry, fail); // a bare list has no `source` around them
  const read = new EntryReader(entry, fail);
  const repo = source.text('repo');
  if (!/^[\w.-]+\/[\w.-]+$/.test(repo)) throw fail(`repo “${shown(repo)}” is not written as owner/name`);
  const stage = read.stage();
  if (source.has('revision')) {
    const [step, tokens] = [read.optionalCount('step'), read.optionalCount('tokens')];
    return { kind: 'named', repo, revision: source.text('revision'), stage, step, tokens };
  }
  if (!source.has('branches')) throw fail('it has neither a revision nor a pattern of branches');
  const branches = source.text('branches');
  if (branches.split('{step}').length !== 2) throw fail(`branches “${shown(branches)}” must hold {step} once`);
  if (branches.split('{tokens}').length > 2) throw fail(`branches “${shown(branches)}” holds {tokens} more than once`);
  const rule = entry['pick'];
  if (!isJsonObject(rule)) throw fail('it has no pick');
  return { kind: 'rule', repo, branches, stage, pick: readRule(rule, fail) };
}

function readRule(rule: JsonObject, fail: (problem: string) => LabError): PickRule {
  const read = new EntryReader(rule, fail);
  const kind = rule['kind'];
  switch (kind) {
    case 'first':
    case 'last':
      return { kind };
    case 'every':
      return { kind, steps: read.positive('steps'), from: read.count('from'), to: read.count('to') };
    case 'spread':
      return { kind, count: read.positive('count'), after: read.positive('after') };
    default:
      throw fail(`pick ${shownValue(kind)} is not one of first, last, every, spread`);
  }
}

/** One object's fields, checked. */
class EntryReader {
  readonly #json: JsonObject;
  readonly #fail: (problem: string) => LabError;

  constructor(json: JsonObject, fail: (problem: string) => LabError) {
    this.#json = json;
    this.#fail = fail;
  }

  has(key: string): boolean {
    return (this.#json[key] ?? null) !== null;
  }

  text(key: string): string {
    const value = this.#json[key];
    if (typeof value !== 'string' || value === '') throw this.#fail(`it has no ${key}`);
    return value;
  }

  count(key: string): number {
    const value = this.#json[key];
    if (!Number.isSafeInteger(value) || (value as number) < 0) throw this.#fail(`${key} is not a whole number from 0`);
    return value as number;
  }

  positive(key: string): number {
    const value = this.count(key);
    if (value === 0) throw this.#fail(`${key} is 0`);
    return value;
  }

  optionalCount(key: string): number | null {
    return this.has(key) ? this.count(key) : null;
  }

  stage(): Stage | null {
    if (!this.has('stage')) return null;
    const stage = STAGES.find((known) => known === this.#json['stage']);
    if (stage === undefined) throw this.#fail(`stage is not one of ${STAGES.join(', ')}`);
    return stage;
  }
}
