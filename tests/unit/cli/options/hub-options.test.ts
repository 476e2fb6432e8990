import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startHubServer, type HubServer } from '../../../hub-server/hub-server.ts';
import { filesOfFolder } from '../../../hub-server/served-file.ts';
import { goldenFolder } from '../../../support/checkpoint-fixtures.ts';
import { olmoBranches } from '../../../support/olmo-branches.ts';
import { lab, makeFolder, readTensors, writeRows, type TensorFile } from '../../../support/run-cli.ts';

const GOLDEN = 'olmo3-bf16-sharded';
const CHECKPOINT = 'hub:golden/olmo3@stage1-step0';
const TOKEN = 'hf_let-in';
const TIMEOUT = 30_000; // ms; models are opened, on a machine that may be busy
const OLMO_3_REPOS = ['Olmo-3-1025-7B', 'Olmo-3-7B-Instruct-SFT', 'Olmo-3-7B-Instruct-DPO', 'Olmo-3-7B-Instruct'];

const folder = makeFolder();
const prompts = writeRows(folder, 'prompts.jsonl', [{ id: 'a', ids: [1, 2, 3] }, { id: 'b', ids: [7, 8] }]); // prettier-ignore
let server: HubServer;

beforeAll(async () => {
  const files = filesOfFolder(goldenFolder(GOLDEN));
  const branches = { main: {}, 'stage1-step0': files };
  server = await startHubServer([
    { id: 'golden/olmo3', branches },
    { id: 'golden/private', branches, access: { kind: 'private', tokens: [TOKEN] } },
    ...OLMO_3_REPOS.map((name) => ({
      id: `allenai/${name}`,
      branches: Object.fromEntries(olmoBranches(`allenai/${name}`).map((branch) => [branch, {}])),
    })),
  ]);
});
beforeEach(() => {
  server.faults.clear();
  vi.stubEnv('HF_ENDPOINT', '');
  vi.stubEnv('HF_TOKEN', ''); // whatever this machine has
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

async function residuals(checkpoint: string, ...options: string[]): Promise<TensorFile['tensors']> {
  const out = join(folder, 'out.safetensors');
  const args = ['residuals', '--checkpoint', checkpoint, '--prompts', prompts, '--out', out, ...options];
  expect(await lab(...args)).toEqual({ code: 0, stdout: '', stderr: '' });
  return (await readTensors(out)).tensors;
}

describe('a checkpoint of the Hub on the command line', { timeout: TIMEOUT }, () => {
  it('gives the residuals of the folder that it is a copy of', async () => {
    const expected = await residuals(goldenFolder(GOLDEN));
    expect(Object.keys(expected)).toHaveLength(4);
    expect(await residuals(CHECKPOINT, '--hub', server.url)).toEqual(expected);
  });

  it('is looked for where the environment says, with its token', async () => {
    vi.stubEnv('HF_ENDPOINT', server.url);
    vi.stubEnv('HF_TOKEN', TOKEN);
    expect(Object.keys(await residuals('hub:golden/private@stage1-step0'))).toHaveLength(4);
  });

  it('says what it waits for', async () => {
    server.faults.add({ kind: 'status', status: 429, headers: { 'Retry-After': '1' } }, { path: /revision/, times: 1 });
    const out = join(folder, 'waited.safetensors');
    const args = ['residuals', '--checkpoint', CHECKPOINT, '--prompts', prompts, '--out', out, '--hub', server.url];
    const { code, stderr } = await lab(...args);
    expect(code).toBe(0);
    expect(stderr).toBe(`lab: ${new URL(server.url).host} answered 429; retrying in 1 s\n`);
  });

  it.each([
    ['a repository that is not there', 'hub:golden/none@main', 1, /golden\/none@main was not found/],
    ['a revision that is not there', 'hub:golden/olmo3@stage7', 1, /golden\/olmo3 has no revision “stage7”/],
    ['a private repository', 'hub:golden/private', 1, /enter an access token/],
    ['a revision without weights', 'hub:golden/olmo3', 1, /golden\/olmo3@main has no config\.json/],
    ['no repository’s name', 'hub:olmo3', 2, /“olmo3” is not a Hub repository/],
  ])('names %s', async (_, checkpoint, expected, message) => {
    const args = ['--checkpoint', checkpoint, '--prompts', prompts, '--out', join(folder, 'none'), '--hub', server.url];
    const { code, stderr } = await lab('residuals', ...args);
    expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: expected, lines: 1 });
    expect(stderr).toMatch(message);
  });
});

describe('lab ladder', () => {
  const ladder = (verb: string, ...options: string[]): ReturnType<typeof lab> =>
    lab('ladder', verb, '--hub', server.url, ...options);

  it('list names the known ladders', async () => {
    const { code, stdout } = await lab('ladder', 'list');
    expect(code).toBe(0);
    for (const id of ['olmo-3-7b', 'olmo-2-1b', 'olmo-2-7b']) expect(stdout).toContain(id);
  });

  it('list shows the branches that the words find', async () => {
    const { stdout } = await ladder('list', '--ladder', 'olmo-3-7b', '--search', 'stage3 step11');
    expect(stdout.split('\n').slice(0, -1).map((line) => line.split(/\s+/)[2])).toEqual(['name', 'stage3-step11000', 'stage3-step11921']); // prettier-ignore
    const json = await ladder('list', '--ladder', 'olmo-3-7b', '--json');
    expect(JSON.parse(json.stdout)).toHaveLength(
      OLMO_3_REPOS.flatMap((name) => olmoBranches(`allenai/${name}`)).length,
    );
  });

  it('pick prints 39 checkpoints, and writes a list that can be picked from again', async () => {
    const out = join(folder, 'picks.json');
    const { code, stdout } = await ladder('pick', '--ladder', 'olmo-3-7b', '--out', out);
    expect(code).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1 + 39);
    expect(stdout).toMatch(/allenai\/Olmo-3-1025-7B +stage1-step1413814 +pretraining +1413814 /);
    const again = await ladder('pick', '--ladder', out, '--json');
    expect(JSON.parse(again.stdout)).toEqual(JSON.parse(readFileSync(out, 'utf8')));
  });

  it.each([
    ['no ladder', ['pick'], 2, /--ladder is missing/],
    [
      'a ladder that is not there',
      ['pick', '--ladder', 'olmo-9'],
      1,
      /no ladder “olmo-9”\. Use a file, or one of olmo-2-1b/,
    ],
    ['a file that is none', ['pick', '--ladder', prompts], 1, /prompts\.jsonl: it is not valid JSON/],
    ['an unknown verb', ['climb'], 2, /unknown verb "ladder climb"/],
    [
      'an address that is none',
      ['list', '--ladder', 'olmo-3-7b', '--hub', 'nowhere'],
      1 + 1,
      /“nowhere” is not the address/,
    ],
  ])('names %s', async (_, args, expected, message) => {
    const { code, stderr } = await lab('ladder', ...args);
    expect(code).toBe(expected);
    expect(stderr).toMatch(message);
  });
});
