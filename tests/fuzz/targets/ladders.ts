/** Lists of checkpoints: the built-in ladder's, and those of the Hub with their rules. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseHubLadder } from '../../../src/formats/ladders/hub-ladder.ts';
import { parseJsonObject } from '../../../src/formats/bytes/json.ts';
import { findCheckpoint, parseLadder, STAGES } from '../../../src/formats/ladders/ladder.ts';
import { pickCheckpoints, reposOf } from '../../../src/labs/models/ladder-picks.ts';
import { anyJson, type Json } from '../harness/spoilt-json.ts';
import { defineTarget, hold, type FuzzTarget } from '../harness/target.ts';

const LADDERS = join(import.meta.dirname, '../../../public/ladders');

const parsed = (file: string): Json => JSON.parse(readFileSync(join(LADDERS, file), 'utf8')) as Json;

const sha256 = 'b6'.repeat(32);
const checkpoint = fc
  .record({ step: fc.nat(5000), stage: fc.constantFrom(...STAGES), tokensSeen: fc.nat(1e9) })
  .map(({ step, ...rest }) => ({
    ...{ revision: `stage1-step${step}`, step, ...rest, path: `stage1-step${step}` },
    files: { 'model.safetensors': { bytes: 1000, sha256 }, 'config.json': { bytes: 10, sha256 } },
  }));
const builtIn: fc.Arbitrary<Json> = fc.array(checkpoint, { minLength: 1, maxLength: 4 }).map((checkpoints) => ({
  ...{ version: 1, id: 'tiny-olmo3', name: 'Tiny', description: 'A ladder.', checkpoints },
  defaults: { revision: checkpoints[0]?.revision ?? '', steeringLayer: 4, directionTemplate: 'raw', pooling: 'last' },
}));

function checkBuiltIn(text: string): void {
  const ladder = parseLadder(parseJsonObject('ladder.json', text), 'ladder.json');
  hold(ladder.checkpoints.length > 0, 'a ladder has checkpoints');
  hold(findCheckpoint(ladder, ladder.defaults.revision).revision === ladder.defaults.revision, 'the default is there');
  for (const { step, tokensSeen } of ladder.checkpoints) {
    hold(Number.isSafeInteger(step) && Number.isSafeInteger(tokensSeen), 'steps and tokens are counts');
  }
}

const repo = fc.constantFrom('allenai/OLMo-2-0425-1B', 'allenai/Olmo-3-1025-7B', 'a/b');
const stage = fc.constantFrom(...STAGES, null);
const named = fc.record({ repo, revision: fc.constantFrom('main', 'stage1-step1000-tokens5B', 'step0') });
const pick = fc.oneof<fc.Arbitrary<Json>[]>(
  fc.constantFrom<Json>({ kind: 'first' }, { kind: 'last' }),
  fc.record({
    kind: fc.constant('every'),
    steps: fc.integer({ min: 1, max: 1e4 }),
    from: fc.nat(100),
    to: fc.nat(1e5),
  }),
  fc.record({ kind: fc.constant('spread'), count: fc.integer({ min: 1, max: 30 }), after: fc.integer({ min: 1, max: 900 }) }), // prettier-ignore
);
const pattern = fc.constantFrom(
  'stage1-step{step}-tokens{tokens}B',
  'step{step}',
  '{step}',
  'a.*{step}(',
  '{step}-{tokens}B-{tokens}B',
);
const rule = fc
  .tuple(repo, pattern, stage, pick)
  .map(([where, branches, of, rules]) => ({ source: { kind: 'hub', repo: where, branches }, stage: of, pick: rules }));
const entries = fc.array(fc.oneof<fc.Arbitrary<Json>[]>(named, rule), { minLength: 1, maxLength: 4 });
const hub: fc.Arbitrary<Json> = fc.oneof(
  { weight: 4, arbitrary: entries.map((list): Json => ({ version: 1, id: 'x', name: 'X', description: 'Y', entries: list })) }, // prettier-ignore
  { weight: 1, arbitrary: fc.array(named, { maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(...['olmo-2-1b.json', 'olmo-2-7b.json', 'olmo-3-7b.json'].map(parsed)) },
);

const BRANCHES = ['main', 'step0', 'step10', '7', 'stage1-step1000-tokens5B', 'stage1-step2000-tokens9B', `step${'9'.repeat(400)}`]; // prettier-ignore
const REFS = BRANCHES.map((name, index) => ({ name, commit: String(index).repeat(40) }));

function checkHub(text: string): void {
  const ladder = parseHubLadder(text, 'ladder.json');
  hold(ladder.entries.length > 0, 'a ladder has entries');
  for (const entry of ladder.entries) {
    hold(/^[^/]+\/[^/]+$/.test(entry.repo), 'a repository has an owner and a name');
    if (entry.kind !== 'named') continue;
    hold(entry.step === null || Number.isSafeInteger(entry.step), 'a step is a count');
  }
  const picks = pickCheckpoints(ladder, new Map(reposOf(ladder).map((name) => [name, REFS])));
  for (const { commit, step, tokens } of picks) {
    hold(/^[0-9a-f]{40}$/.test(commit), 'a checkpoint has a commit');
    hold(
      [step, tokens].every((count) => count === null || Number.isFinite(count)),
      'steps and tokens are finite',
    );
  }
}

export const LADDER_TARGETS: readonly FuzzTarget[] = [
  defineTarget('ladder', anyJson(builtIn), checkBuiltIn),
  defineTarget('hub-ladder', anyJson(hub), checkHub),
];
