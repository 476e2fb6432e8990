import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parsePromptSet } from '../../../../src/formats/prompts/prompt-set.ts';
import { startHubServer, type HubServer } from '../../../hub-server/hub-server.ts';
import { BIRD_RECIPE } from '../../../support/bird-recipe.ts';
import { lab, makeFolder, writeRows } from '../../../support/run-cli.ts';

const CSV =
  'question,tone,bird\nWhat does a wren eat?,kind,wren\nWho cares for owls?,rude,owl\nHow do hens sleep?,kind,hen\n';

const folder = makeFolder();
const out = join(folder, 'birds.jsonl');
const recipe = join(folder, 'birds.json');
const noRecipe = join(folder, 'none.json');
let server: HubServer;

beforeAll(async () => {
  server = await startHubServer([{ id: 'lab/birds', type: 'dataset', branches: { main: { 'data/birds.csv': CSV } } }]);
});
beforeEach(() => {
  vi.stubEnv('HF_ENDPOINT', '');
  vi.stubEnv('HF_TOKEN', ''); // whatever this machine has
  writeFileSync(noRecipe, '{');
  writeFileSync(recipe, JSON.stringify(BIRD_RECIPE));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

const fetchSet = (...options: string[]): ReturnType<typeof lab> =>
  lab('prompts', 'fetch', '--set', recipe, '--out', out, ...options);

describe('lab prompts list', () => {
  it('names every set with its licence, and whether its names were checked', async () => {
    const { code, stdout } = await lab('prompts', 'list');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^beavertails +parquet +CC-BY-NC-4\.0 +no +hub:PKU-Alignment\/BeaverTails@refs\/convert\/parquet$/m,
    );
    expect(stdout).toMatch(/^xstest +csv +CC-BY-4\.0 +yes +https:/m);
    expect(stdout.trim().split('\n')).toHaveLength(1 + 8);
  });

  it('gives descriptions and citations as JSON', async () => {
    const { stdout } = await lab('prompts', 'list', '--json');
    const listed = JSON.parse(stdout) as { id: string; citation: string }[];
    expect(listed.find(({ id }) => id === 'harmbench')?.citation).toMatch(/Mazeika/);
  });
});

describe('lab prompts fetch', () => {
  it('writes a set of the Hub as the other verbs read it', async () => {
    const { code, stdout, stderr } = await fetchSet('--hub', server.url);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /birds\.jsonl: 3 prompts out of 3 usable texts in 3 rows, sha256 [0-9a-f]{64}\n {2}test, harmful, owl: 1\n/,
    );
    const prompts = parsePromptSet(out, readFileSync(out, 'utf8'));
    expect(prompts.map(({ id, label }) => [id, label])).toEqual([
      ['birds-2', 'safe'],
      ['birds-3', 'harmful'],
      ['birds-4', 'safe'],
    ]);
  });

  it('draws by the seed, up to the limit', async () => {
    const drawn: string[] = [];
    for (const seed of ['1', '1', '2', '3', '4', '5', '6']) {
      expect((await fetchSet('--hub', server.url, '--limit', '1', '--seed', seed)).code).toBe(0);
      drawn.push(readFileSync(out, 'utf8'));
    }
    expect(drawn[0]?.trim().split('\n')).toHaveLength(1);
    expect(drawn[1]).toBe(drawn[0]);
    expect(new Set(drawn).size).toBeGreaterThan(1);
  });

  it('reads a copy on this machine in its own format, and asks no Hub', async () => {
    server.traffic.clear();
    const copy = writeRows(folder, 'copy.jsonl', [{ question: 'Why do larks sing?', tone: 'kind', bird: 'lark' }]);
    expect((await fetchSet('--file', copy, '--hub', server.url)).code).toBe(0);
    expect(parsePromptSet(out, readFileSync(out, 'utf8'))).toEqual([
      { id: 'birds-1', text: 'Why do larks sing?', label: 'safe', category: 'lark', split: 'test' },
    ]);
    expect(server.traffic.requests).toEqual([]);
  });

  it.each([
    ['no set', ['--out', out], 2, /--set is missing/],
    [
      'a set that is not there',
      ['--set', 'birds', '--out', out],
      1,
      /no prompt set “birds”\. Use a recipe file, or one of advbench/,
    ],
    ['a recipe that is none', ['--set', noRecipe, '--out', out], 1, /none\.json is not valid JSON/],
    [
      'a copy that is not there',
      ['--set', 'xstest', '--out', out, '--file', join(folder, 'no.csv')],
      1,
      /no\.csv cannot be read/,
    ],
    [
      'a copy of another kind',
      ['--set', 'xstest', '--out', out, '--file', recipe],
      1,
      /birds\.json, row 1, column “prompt”: the cell is missing/,
    ],
    ['a seed that is none', ['--set', 'xstest', '--out', out, '--seed', '-1'], 2, /--seed must be a whole number/],
    ['an unknown verb', ['--prompts'], 2, /--prompts/],
  ])('names %s', async (_, args, expected, message) => {
    const { code, stderr } = await lab('prompts', 'fetch', ...args);
    expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: expected, lines: 1 });
    expect(stderr).toMatch(message);
  });

  it('names row and column of a bad copy, and leaves what was there', async () => {
    writeFileSync(out, 'before');
    const copy = join(folder, 'bad.csv');
    writeFileSync(copy, `${CSV}Is a bat one?,maybe,bat\n`);
    const { code, stderr } = await fetchSet('--file', copy);
    expect(code).toBe(1);
    expect(stderr).toMatch(/bad\.csv, row 5, column “tone”: the cell holds the label “maybe”/);
    expect(readFileSync(out, 'utf8')).toBe('before');
  });
});
