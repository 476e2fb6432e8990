/** Whole ladders on the command line, and what is left of a process that was killed in the middle. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startHubServer, type HubServer } from '../../hub-server/hub-server.ts';
import { madeUpFiles } from '../../support/checkpoint-fixtures.ts';
import { lab, makeFolder, readTensors, writeRows } from '../../support/run-cli.ts';

const TIMEOUT = 240_000; // ms; processes are started and killed, on a machine that may be busy
const ROOT = join(import.meta.dirname, '../../..');
const WEIGHTS = /model\.safetensors$/;

const folder = makeFolder();
const prompts = writeRows(folder, 'own.jsonl', [{ text: 'How do I bake bread?' }, { text: 'Hello' }]);
const lines = join(folder, 'more.txt');
const list = join(folder, 'ladder.json');
let server: HubServer;

beforeAll(async () => {
  writeFileSync(lines, 'What is a lake, then?\n\nTell me a story.\n');
  writeFileSync(list, JSON.stringify(['step1', 'step2'].map((revision) => ({ repo: 'made-up/olmo', revision }))));
  const branches = { step1: madeUpFiles(undefined, 1), step2: madeUpFiles(undefined, 2) };
  const broken = { main: { ...madeUpFiles(), 'config.json': '{"model_type":"llama"}' } };
  server = await startHubServer([{ id: 'made-up/olmo', branches }, { id: 'made-up/broken', branches: broken }]); // prettier-ignore
});
beforeEach(() => {
  server.faults.clear();
  server.traffic.clear();
  vi.stubEnv('HF_TOKEN', ''); // whatever this machine has
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

const args = (out: string, ...more: string[]): string[] => [
  ...['extract', '--ladder', list, '--prompts', `${prompts},${lines}`, '--layers', '0,2'],
  ...['--threads', '1', '--hub', server.url, '--out', out, ...more],
];

const filesOf = (path: string): Record<string, string> =>
  Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name)).toString('base64')]));

const weightReads = (): number =>
  server.traffic.requests.filter(({ origin, path, method }) => origin === 'cdn' && method === 'GET' && WEIGHTS.test(path)).length; // prettier-ignore

const weightBytes = (): number => server.traffic.of('made-up/olmo/model.safetensors').bytes;

/** Starts a command in a process of its own, and kills it when `isSo` holds. */
async function killWhen(isSo: () => boolean, command: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'cli/lab.ts', ...command], { cwd: ROOT, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await expect.poll(() => child.exitCode !== null || isSo(), { timeout: TIMEOUT / 2 }).toBe(true);
  expect(child.exitCode).toBeNull(); // else it ended by itself
  child.kill('SIGKILL');
  await ended;
}

describe('lab extract', { timeout: TIMEOUT }, () => {
  it('writes a file for each checkpoint and prompt set, keyed by all that they depend on', async () => {
    const out = join(folder, 'whole');
    const { stdout, ...outcome } = await lab(...args(out));
    expect(outcome).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      ...[`${prompts}: JSON Lines; columns: “text”`, '  prompts: column “text”'],
      ...['  labels: unknown (activations do not depend on them)', '  2 prompts'],
      ...[`${lines}: one prompt per line`, '  prompts: column “text”'],
      ...['  labels: unknown (activations do not depend on them)', '  2 prompts'],
      ...[`${out}: 2 of 2 checkpoints`, ''],
    ]);
    const names = readdirSync(out);
    expect(names).toHaveLength(4);
    const name = names.find((file) => file.startsWith('made-up-olmo@step2.own.')) ?? '';
    const { tensors, metadata } = await readTensors(join(out, name));
    expect(Object.entries(tensors).map(([site, { shape }]) => [site, shape])).toEqual([['resid_post.0', [2, 32]], ['resid_post.2', [2, 32]]]); // prettier-ignore
    expect(metadata).toMatchObject({ checkpoint: 'made-up/olmo@step2', promptSet: 'own', pooling: 'last', template: 'raw', precision: 'float32' }); // prettier-ignore
    expect(metadata['commit']).toMatch(/^[0-9a-f]{40}$/);
    const residuals = join(folder, 'residuals.safetensors');
    const rows = writeRows(folder, 'rows.jsonl', [{ id: 'a', text: 'How do I bake bread?' }, { id: 'b', text: 'Hello' }]); // prettier-ignore
    await lab('residuals', '--checkpoint', 'hub:made-up/olmo@step2', '--hub', server.url, '--prompts', rows, '--layers', '0,2', '--stream', '--threads', '1', '--out', residuals); // prettier-ignore
    expect([...((await readTensors(residuals)).tensors['resid_post.2']?.data ?? [])]).toEqual([...(tensors['resid_post.2']?.data ?? [])]); // prettier-ignore
  });

  it('reads tables as an import does: arrays of JSON, and columns', async () => {
    const json = join(folder, 'array.json');
    writeFileSync(
      json,
      '[\n  {"instruction": "How do I bake bread?", "category": null},\n  {"instruction": "Hello"}\n]\n',
    );
    const csv = join(folder, 'table.csv');
    writeFileSync(csv, 'prompt;label\nHow do I bake bread?;safe\n;safe\nHello;\n ;harmful\n');
    const out = join(folder, 'tables');
    const { code, stdout } = await lab(...args(out, '--prompts', `${json},${csv}`, '--layers', '2'));
    expect(code).toBe(0);
    expect(stdout).toContain(
      'array.json: a JSON array; columns: “instruction”, “category”\n  prompts: column “instruction”',
    );
    expect(stdout).toContain('labels: column “label”: “safe” is safe (1 row), (empty) is no label (1 row) (activations do not depend on them)\n  2 prompts; 2 left out without a prompt\n'); // prettier-ignore
    const read = async (set: string): Promise<unknown> => {
      const name = readdirSync(out).find((file) => file.startsWith(`made-up-olmo@step2.${set}.`)) ?? '';
      const { shape, data } = (await readTensors(join(out, name))).tensors['resid_post.2'] ?? {};
      return [shape, [...(data ?? [])]];
    };
    const own = await readTensors(join(folder, 'whole', readdirSync(join(folder, 'whole')).find((file) => file.startsWith('made-up-olmo@step2.own.')) ?? '')); // prettier-ignore
    const expected = [[2, 32], [...(own.tensors['resid_post.2']?.data ?? [])]];
    expect([await read('array'), await read('table')]).toEqual([expected, expected]);
  });

  it('reads no weight of what is there, and adds a layer to its file', async () => {
    const out = join(folder, 'whole');
    const before = filesOf(out);
    server.traffic.clear();
    expect((await lab(...args(out))).code).toBe(0);
    expect(filesOf(out)).toEqual(before);
    expect(weightReads()).toBeLessThanOrEqual(2); // the first one's header
    expect((await lab(...args(out, '--layers', '1'))).code).toBe(0);
    const { tensors } = await readTensors(join(out, Object.keys(before)[0] ?? ''));
    expect(Object.keys(tensors).sort()).toEqual(['resid_post.0', 'resid_post.1', 'resid_post.2']);
  });

  it('goes on where it was killed, to the same bytes', async () => {
    const whole = join(folder, 'undisturbed');
    await lab(...args(whole));
    const [reads, bytes] = [weightReads(), weightBytes()];
    const out = join(folder, 'killed');
    server.traffic.clear();
    server.faults.add({ kind: 'hang' }, { path: WEIGHTS, origin: 'cdn', after: reads - 3 }); // in the second checkpoint
    const isSecond = (): boolean => existsSync(out) && readdirSync(out).filter((name) => name.includes('step1')).length === 2; // prettier-ignore
    await killWhen(() => isSecond() && weightReads() > reads - 3, args(out));
    expect(readdirSync(out).filter((name) => name.includes('step2'))).toEqual([]);
    server.faults.clear();
    server.traffic.clear();
    expect((await lab(...args(out))).code).toBe(0);
    expect(filesOf(out)).toEqual(filesOf(whole));
    expect(weightBytes()).toBeLessThan(bytes * 0.6); // what was done was not read again
  });

  it('names what it left out, and waits for what is out of reach', async () => {
    const some = join(folder, 'some.json');
    writeFileSync(some, JSON.stringify([{ repo: 'made-up/olmo', revision: 'step1' }, { repo: 'made-up/broken', revision: 'main' }])); // prettier-ignore
    server.faults.add({ kind: 'status', status: 503 }, { path: WEIGHTS, times: 1 });
    const { code, stdout, stderr } = await lab(...args(join(folder, 'some'), '--ladder', some));
    expect(code).toBe(1);
    expect(stdout).toContain(`${join(folder, 'some')}: 1 of 2 checkpoints\n`);
    expect(stderr).toMatch(/answered 503; retrying in 1 s/);
    expect(stderr).toMatch(/Left out: made-up\/broken@main \(.*llama.*\)/);
  });

  it.each([
    ['a prompt without text', { prompts: '[1]' }, /rows\.jsonl, line 1: the row has no text/],
    ['a layer that is not there', { layers: '9' }, /no layer 9/],
  ])('names %s', async (_, change, message) => {
    const rows = writeRows(folder, 'rows.jsonl', [{ id: 'a', ids: [1] }]);
    const more = 'layers' in change ? ['--layers', change.layers] : ['--prompts', rows];
    const { code, stderr } = await lab(...args(join(folder, 'none'), ...more));
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(message);
  });
});

describe('lab residuals --stream', { timeout: TIMEOUT }, () => {
  it('goes on where it was killed, and leaves nothing but the result', async () => {
    const rows = writeRows(folder, 'rows.jsonl', [{ id: 'a', text: 'How do I bake bread?' }]);
    const command = (out: string): string[] => [
      ...['residuals', '--stream', '--checkpoint', 'hub:made-up/olmo@step1', '--hub', server.url],
      ...['--prompts', rows, '--threads', '1', '--out', out],
    ];
    const whole = join(folder, 'whole.safetensors');
    expect((await lab(...command(whole))).code).toBe(0);
    const [reads, bytes] = [weightReads(), weightBytes()];
    const out = join(folder, 'killed.safetensors');
    server.traffic.clear();
    server.faults.add({ kind: 'hang' }, { path: WEIGHTS, origin: 'cdn', after: reads - 1 });
    const isFinished = (): boolean => existsSync(`${out}.partial`) && readdirSync(`${out}.partial`).some((name) => name.endsWith('finished')); // prettier-ignore
    await killWhen(() => isFinished() && weightReads() >= reads, command(out));
    expect(existsSync(out)).toBe(false);
    server.faults.clear();
    server.traffic.clear();
    expect((await lab(...command(out))).code).toBe(0);
    expect(readFileSync(out).equals(readFileSync(whole))).toBe(true);
    expect(existsSync(`${out}.partial`)).toBe(false);
    expect(weightBytes()).toBeLessThan(bytes);
  });
});
