/**
 * What a study does, as JSON: which checkpoints, which prompts in which part, which layer and pooling, which seeds. A plan says
 * everything that its results depend on, so the same plan gives the same results in a browser and on the command line.
 */
import { PROMPT_TEMPLATES, type PromptTemplate } from '../prompts/prompt-template.ts';
import { LabError } from '../../core/errors.ts';
import { shown, shownValue } from '../../core/text/quote.ts';
import { isLadderId, isPromptFile } from '../ladders/built-in-names.ts';
import { JsonFields, type FailField } from '../bytes/json-fields.ts';
import { parseJsonObject } from '../bytes/json.ts';
import { STAGES, type Stage } from '../ladders/ladder.ts';

export const PLAN_VERSION = 1;

/** `last-of-instruction`: the last token of what the user wrote, before the rest of the chat template. */
const STUDY_POOLINGS = ['last', 'last-of-instruction', 'mean', 'max'] as const;
export type StudyPooling = (typeof STUDY_POOLINGS)[number];

const TEST_ROLES = ['in-distribution', 'rewritten', 'out-of-distribution'] as const;
export type TestRole = (typeof TEST_ROLES)[number];

export interface StudyPlan {
  readonly version: typeof PLAN_VERSION;
  readonly name: string;
  readonly concept: { readonly positive: string; readonly negative: string }; // words for a reader: harmful, safe
  readonly ladder: PlanLadder;
  readonly sets: readonly PlanSet[];
  readonly train: readonly string[]; // sets that directions and probes are made of
  readonly tests: readonly PlanTest[];
  readonly truth: string | null; // a set of true and false statements, for the control
  readonly layer: number | 'auto'; // auto: by AUROC for the general direction on the last checkpoint
  readonly sweep: boolean; // scores at every layer as well
  readonly pooling: StudyPooling;
  readonly template: PromptTemplate;
  readonly resamples: number; // of the bootstrap
  readonly controlRepeats: number; // of random labels, and of random directions
  readonly seed: number;
}

type PlanLadder =
  | { readonly kind: 'built-in'; readonly id: string; readonly revisions: readonly string[] | 'all' }
  | { readonly kind: 'hub'; readonly name: string; readonly checkpoints: readonly PlanHubCheckpoint[] };

interface PlanHubCheckpoint {
  readonly repo: string; // owner/name
  readonly revision: string; // a branch, a tag or a commit
  readonly commit: string | null; // that it stood for; null: the revision is asked each time, and may have moved
  readonly stage: Stage | null;
  readonly step: number | null;
  readonly tokens: number | null; // seen until then
}

export interface PlanSet {
  readonly name: string;
  readonly source: PlanSetSource;
  readonly part: PlanPart | null; // null: all of it
}

type PlanSetSource =
  | { readonly kind: 'built-in'; readonly file: string } // of public/prompts
  | { readonly kind: 'own'; readonly id: string } // imported on the Prompts page
  | { readonly kind: 'file'; readonly path: string }; // JSON Lines beside the plan, on the command line

/** Prompts whose hash by the seed lies in [from, to) of [0, 1): ranges that do not touch share not text. */
export interface PlanPart {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

interface PlanTest {
  readonly name: string;
  readonly role: TestRole;
  readonly sets: readonly string[]; // read together
}

/** Longer ones are no names; more of anything is no plan that could be run. */
export const LONGEST_NAME = 200;
const LONGEST_PATH = 4096;
export const MOST = { sets: 1000, tests: 200, checkpoints: 500 } as const;

const NEXT_STEP = 'Correct the plan; the Report page and `lab study --print-plan` show a whole one.';

/** Reads a plan. Throws `format` errors that name the file and the field. */
export function parseStudyPlan(text: string, file: string): StudyPlan {
  const fail = (problem: string): LabError => new LabError('format', `${file}: ${problem}.`, NEXT_STEP);
  return readStudyPlan(new JsonFields(parseJsonObject(file, text), fail), fail);
}

/** The same from an object that was read as part of a larger file. */
export function readStudyPlan(read: JsonFields, fail: FailField): StudyPlan {
  const version = read.raw('version');
  if (version !== PLAN_VERSION) {
    throw fail(`version ${shownValue(version)} of a plan is unknown to this lab, which knows version ${PLAN_VERSION}`);
  }
  const concept = read.object('concept');
  const plan: StudyPlan = {
    version: PLAN_VERSION,
    name: readName(read, 'name'),
    concept: { positive: readName(concept, 'positive'), negative: readName(concept, 'negative') },
    ladder: readLadder(read.object('ladder')),
    sets: read.objects('sets', MOST.sets).map(readSet),
    train: read.texts('train', MOST.sets),
    tests: read.objects('tests', MOST.tests).map((test) => ({
      name: readName(test, 'name'),
      role: test.oneOf('role', TEST_ROLES),
      sets: test.texts('sets', MOST.sets),
    })),
    truth: read.has('truth') ? read.text('truth') : null,
    layer: read.raw('layer') === 'auto' ? 'auto' : read.count('layer', 0),
    sweep: read.flag('sweep'),
    pooling: read.oneOf('pooling', STUDY_POOLINGS),
    template: read.oneOf('template', PROMPT_TEMPLATES),
    resamples: read.count('resamples', 100, 100_000),
    controlRepeats: read.count('controlRepeats', 1, 1000),
    seed: read.count('seed', 0, 0xffffffff),
  };
  checkPlanNames(plan, fail);
  return plan;
}

/** Throws `format` where it is blank or too long for one. */
function readName(read: JsonFields, key: string, longest = LONGEST_NAME): string {
  const name = read.text(key, longest);
  if (name.trim() === '') throw read.fail(key, 'is blank');
  return name;
}

function readLadder(read: JsonFields): PlanLadder {
  if (read.oneOf('kind', ['built-in', 'hub']) === 'built-in') {
    const id = read.text('id');
    if (!isLadderId(id)) throw read.fail('id', `is not the name of a ladder: “${shown(id)}”`);
    const revisions = read.raw('revisions') === 'all' ? 'all' : read.texts('revisions', MOST.checkpoints);
    if (revisions !== 'all') checkOnce(revisions, (twice) => read.fail('revisions', `has “${shown(twice)}” twice`));
    return { kind: 'built-in', id, revisions };
  }
  const checkpoints = read.objects('checkpoints', MOST.checkpoints).map((entry) => ({
    repo: readName(entry, 'repo'),
    revision: readName(entry, 'revision'),
    commit: entry.has('commit') ? readCommit(entry) : null,
    stage: entry.has('stage') ? entry.oneOf('stage', STAGES) : null,
    step: entry.has('step') ? entry.count('step', 0) : null,
    tokens: entry.has('tokens') ? entry.count('tokens', 0) : null,
  }));
  const labels = checkpoints.map(({ repo, revision }) => `${repo}@${revision}`);
  checkOnce(labels, (twice) => read.fail('checkpoints', `has “${shown(twice)}” twice`));
  return { kind: 'hub', name: readName(read, 'name'), checkpoints };
}

function readCommit(read: JsonFields): string {
  const commit = read.text('commit');
  if (/^[0-9a-f]{40}$/.test(commit)) return commit;
  throw read.fail('commit', 'is not a commit of 40 hexadecimal digits');
}

function readSet(read: JsonFields): PlanSet {
  const source = read.object('source');
  const part = read.has('part') ? read.object('part') : null;
  const kind = source.oneOf('kind', ['built-in', 'own', 'file']);
  const from = part?.number('from', 0, 1) ?? 0;
  return {
    name: readName(read, 'name'),
    source:
      kind === 'built-in'
        ? { kind, file: readPromptFile(source) }
        : kind === 'own'
          ? { kind, id: readName(source, 'id') }
          : { kind, path: readName(source, 'path', LONGEST_PATH) },
    part: part && { seed: part.count('seed', 0, 0xffffffff), from, to: part.number('to', from, 1) },
  };
}

function readPromptFile(read: JsonFields): string {
  const file = read.text('file');
  if (isPromptFile(file)) return file;
  throw read.fail('file', `is not a prompt set of the lab: “${shown(file)}”`);
}

/** Every name stands for one thing, every reference for a name, and nothing is read twice for one purpose. */
export function checkPlanNames({ sets, tests, train, truth }: StudyPlan, fail: FailField): void {
  const twice = (what: string) => (name: string) => fail(`the ${what} “${shown(name)}” is there twice`);
  checkOnce(sets.map(({ name }) => name), twice('set')); // prettier-ignore
  checkOnce(tests.map(({ name }) => name), twice('test')); // prettier-ignore
  checkOnce(train, (name) => fail(`train has the set “${shown(name)}” twice: its prompts would count twice`));
  for (const test of tests) {
    const named = `the test “${shown(test.name)}”`;
    checkOnce(test.sets, (name) => fail(`${named} has the set “${shown(name)}” twice: its prompts would count twice`)); // prettier-ignore
  }
  const known = new Set(sets.map(({ name }) => name));
  const used = [...train, ...tests.flatMap((test) => test.sets), ...(truth === null ? [] : [truth])];
  const missing = used.find((name) => !known.has(name));
  if (missing !== undefined) throw fail(`the set “${shown(missing)}” is used and not among the sets`);
}

function checkOnce(names: readonly string[], error: (twice: string) => LabError): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw error(name);
    seen.add(name);
  }
}
