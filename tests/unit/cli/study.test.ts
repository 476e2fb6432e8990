import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UnitFolder } from '../../../cli/study/unit-folder.ts';
import { cosine } from '../../../src/core/linalg/vectors.ts';
import type { StudyPlan } from '../../../src/formats/study/study-plan.ts';
import type { StudyResults } from '../../../src/formats/study/study-results.ts';
import { startHubServer } from '../../hub-server/hub-server.ts';
import { filesOfFolder, type RevisionFiles } from '../../hub-server/served-file.ts';
import { lab, makeFolder, readTensors, ROOT, writeRows } from '../../support/run-cli.ts';

/** Some of the built-in prompts: every category, few of each, so that a checkpoint takes a second. */
function smallPlan(folder: string): string {
  const plan = JSON.parse(readFileSync(join(ROOT, 'tests/fixtures/study/small-plan.json'), 'utf8')) as StudyPlan;
  const path = join(folder, 'plan.json');
  writeFileSync(path, JSON.stringify(plan));
  return path;
}

const TINY = join(ROOT, 'public/ladders/tiny-olmo3/Instruct');

const tinyFiles = (weights?: Uint8Array): RevisionFiles => ({
  ...filesOfFolder(TINY),
  ...(weights && { 'model.safetensors': weights }),
});

/** With one weight of NaN. */
function brokenWeights(): Uint8Array {
  const bytes = Uint8Array.from(readFileSync(join(TINY, 'model.safetensors')));
  const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const tensors = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + header))) as Record<string, { data_offsets: [number, number] }>; // prettier-ignore
  const [start = 0] = tensors['model.layers.1.mlp.down_proj.weight']?.data_offsets ?? [];
  return bytes.fill(0xff, 8 + header + start, 8 + header + start + 4);
}

const resultsIn = (folder: string): StudyResults =>
  JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as StudyResults;

describe('lab study', { timeout: 120_000 }, () => {
  it('runs a plan, goes on after it was killed, and merges shards to the same results', async () => {
    const folder = makeFolder();
    const plan = smallPlan(folder);
    const whole = join(folder, 'whole');
    expect(await lab('study', '--plan', plan, '--out', whole)).toMatchObject({ code: 0 });
    const expected = resultsIn(whole);
    expect(expected.checkpoints).toHaveLength(3);

    const killed = join(folder, 'killed');
    const args = ['--import', 'tsx', 'cli/lab.ts', 'study', '--plan', plan, '--out', killed];
    const child = spawn(process.execPath, args, { cwd: ROOT });
    const units = new UnitFolder(join(killed, 'units'));
    await expect.poll(async () => (await units.keys()).length, { timeout: 60_000, interval: 50 }).toBeGreaterThan(3);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await lab('study', '--plan', plan, '--out', killed)).toMatchObject({ code: 0 });
    expect(resultsIn(killed)).toEqual(expected);

    const shards = ['1/2', '2/2'].map((shard) => [shard, join(folder, `shard-${shard.charAt(0)}`)] as const);
    for (const [shard, out] of shards) {
      expect(await lab('study', '--plan', plan, '--out', out, '--shard', shard)).toMatchObject({ code: 0 });
    }
    const merged = join(folder, 'merged');
    const from = shards.map(([, out]) => out).join(',');
    expect(await lab('study', 'merge', '--plan', plan, '--from', from, '--out', merged)).toMatchObject({ code: 0 });
    expect(resultsIn(merged)).toEqual(expected);
    const name = `Instruct.resid_post.${expected.layer?.layer ?? ''}.general`;
    const [one, other] = await Promise.all(
      [whole, merged].map((out) => readTensors(join(out, 'directions.safetensors'))),
    );
    const vector = (file: typeof one): Float32Array => file?.tensors[name]?.data ?? new Float32Array();
    expect(1 - cosine(vector(one), vector(other))).toBeLessThan(1e-5);

    const table = await lab('probe', '--results', merged);
    expect(table.stdout.split('\n')[0]).toMatch(/^checkpoint +In distribution +Rewritten +Questions/);
    expect(table.stdout).toMatch(/^Instruct +1\.000/m);
    const json = await lab('geometry', '--results', merged, '--direction', 'violence', '--json');
    expect(JSON.parse(json.stdout)).toHaveLength(3);
  });

  it('streams a ladder of the Hub one layer at a time, and finds what whole checkpoints give', async () => {
    const folder = makeFolder();
    const plan = JSON.parse(readFileSync(smallPlan(folder), 'utf8')) as StudyPlan;
    const revisions = ['stage1-step150', 'Instruct'];
    const branches = Object.fromEntries(revisions.map((name) => [name, filesOfFolder(join(ROOT, 'public/ladders/tiny-olmo3', name))])); // prettier-ignore
    const server = await startHubServer([{ id: 'made-up/tiny', branches }]);
    const rung = { repo: 'made-up/tiny', commit: null, stage: null, step: null, tokens: null };
    const both = { ...plan, layer: 3, sweep: false } as const;
    const plans = {
      hub: { ...both, ladder: { kind: 'hub', name: 'Tiny', checkpoints: revisions.map((revision) => ({ ...rung, revision })) } }, // prettier-ignore
      whole: { ...both, ladder: { kind: 'built-in', id: 'tiny-olmo3', revisions } },
    } as const;
    try {
      for (const [name, one] of Object.entries(plans)) {
        const path = join(folder, `${name}.json`);
        writeFileSync(path, JSON.stringify(one));
        const outcome = await lab('study', '--plan', path, '--out', join(folder, name), '--hub', server.url);
        expect(outcome).toMatchObject({ code: 0 });
      }
      const [hub, whole] = [resultsIn(join(folder, 'hub')), resultsIn(join(folder, 'whole'))];
      expect(hub.points.map(({ label }) => label)).toEqual(revisions.map((revision) => `made-up/tiny@${revision}`));
      for (const [index, { directions, probes }] of hub.checkpoints.entries()) {
        const other = whole.checkpoints[index];
        for (const [place, { norm }] of directions.entries()) expect(norm).toBeCloseTo(other?.directions[place]?.norm ?? NaN, 4); // prettier-ignore
        for (const [place, { auroc, probe }] of probes.entries()) {
          if (probe === 'projection') expect(auroc).toBeCloseTo(other?.probes[place]?.auroc ?? NaN, 3);
        }
      }
      const path = join(folder, 'auto.json');
      writeFileSync(path, JSON.stringify({ ...plans.hub, layer: 'auto' }));
      const { code, stderr } = await lab('study', '--plan', path, '--out', folder, '--hub', server.url);
      expect([code, stderr]).toEqual([2, expect.stringContaining('its layer cannot be chosen by trying all')]);
    } finally {
      await server.close();
    }
  });

  it('leaves out a checkpoint with a NaN weight, and says so everywhere', async () => {
    const folder = makeFolder();
    const plan = JSON.parse(readFileSync(smallPlan(folder), 'utf8')) as StudyPlan;
    const branches = { good: tinyFiles(), bad: tinyFiles(brokenWeights()), last: tinyFiles() };
    const server = await startHubServer([{ id: 'made-up/tiny', branches }]);
    const rung = { repo: 'made-up/tiny', commit: null, stage: null, step: null, tokens: null };
    const checkpoints = Object.keys(branches).map((revision) => ({ ...rung, revision }));
    const path = join(folder, 'plan.json');
    writeFileSync(path, JSON.stringify({ ...plan, layer: 3, sweep: false, ladder: { kind: 'hub', name: 'Tiny', checkpoints } })); // prettier-ignore
    try {
      const { code, stderr } = await lab('study', '--plan', path, '--out', folder, '--hub', server.url);
      expect(code, stderr).toBe(0);
      expect(stderr).toMatch(/left out: made-up\/tiny@bad: .*NaN/);
      const results = resultsIn(folder);
      expect(results.checkpoints.map(({ point }) => point)).toEqual([0, 2]);
      expect(results.failures).toMatchObject([{ point: 1 }]);
      expect((await lab('findings', '--results', folder)).stdout).toMatch(/made-up\/tiny@bad was left out/);
      expect((await lab('geometry', '--results', folder)).stdout.split('\n')).toHaveLength(4);
    } finally {
      await server.close();
    }
  });

  it('names what cannot be written, and what a plan may not open', async () => {
    const folder = makeFolder();
    const plan = smallPlan(folder);
    writeFileSync(join(folder, 'file'), '');
    const blocked = await lab('study', '--plan', plan, '--out', join(folder, 'file', 'out'));
    expect([blocked.code, blocked.stderr]).toEqual([1, expect.stringContaining('part of its path is a file')]);
    expect(blocked.stderr).not.toMatch(/ENOTDIR|EEXIST/);
    const outside = JSON.parse(readFileSync(plan, 'utf8')) as StudyPlan;
    const path = join(folder, 'outside.json');
    writeFileSync(path, JSON.stringify({ ...outside, ladder: { ...outside.ladder, id: '../../../etc' } }));
    expect((await lab('study', '--plan', path, '--out', folder)).stderr).toContain(
      'ladder.id is not the name of a ladder',
    );
    const sets = outside.sets.map((set) => ({ ...set, source: { kind: 'built-in', file: '../../package.json' } }));
    writeFileSync(path, JSON.stringify({ ...outside, sets }));
    expect((await lab('study', '--plan', path, '--out', folder)).stderr).toContain('is not a prompt set of the lab');
  });

  it('says which prompts a test shares with training, and writes nothing of a plan that is refused', async () => {
    const folder = makeFolder();
    const plan = JSON.parse(readFileSync(smallPlan(folder), 'utf8')) as StudyPlan;
    const row = (text: string, label: string): object => ({ id: text, text, label, category: 'theft', split: 'x' });
    const train = [row('Rob it.', 'harmful'), row('Rob her.', 'harmful'), row('Be kind.', 'safe'), row('Be fair.', 'safe')]; // prettier-ignore
    writeRows(folder, 'train.jsonl', train);
    writeRows(folder, 'test.jsonl', [row('Rob him.', 'harmful'), row('Be glad.', 'safe'), ...train.slice(3)]);
    const write = (set: string, change: Partial<StudyPlan> = {}): string => {
      const sets = ['train', 'test'].map((name) => ({ name, source: { kind: 'file', path: `${name}.jsonl` }, part: null })); // prettier-ignore
      const tests = [{ name: 'T', role: 'in-distribution', sets: [set] }];
      const ladder = { kind: 'built-in', id: 'tiny-olmo3', revisions: ['SFT', 'Instruct'] };
      writeFileSync(join(folder, `${set}.json`), JSON.stringify({ ...plan, sets, tests, train: ['train'], truth: null, layer: 1, sweep: false, ladder, ...change })); // prettier-ignore
      return join(folder, `${set}.json`);
    };
    const out = join(folder, 'out');
    const warning = 'Test “T”: 1 of its 3 prompts is also in training (in “test”, “train”), so its numbers are not held-out results.'; // prettier-ignore
    const outcome = await lab('study', '--plan', write('test'), '--out', out);
    expect(outcome).toMatchObject({ code: 0, stderr: expect.stringContaining(`warning: ${warning}`) as string });
    expect((await lab('findings', '--results', out)).stdout).toContain(`- ${warning}`);
    expect(resultsIn(out).shared).toMatchObject([{ kind: 'trained-on', prompts: 1, of: 3 }]);

    const before = readFileSync(join(out, 'plan.json'), 'utf8');
    for (const refused of [
      write('test', { train: ['test'], tests: [{ name: 'T', role: 'in-distribution', sets: ['none'] }] }),
      write('test', { layer: 99 }),
    ]) {
      for (const target of [out, join(folder, 'none')]) {
        for (const more of [[], ['--shard', '1/2']]) expect(await lab('study', '--plan', refused, '--out', target, ...more)).toMatchObject({ code: 2 }); // prettier-ignore
        expect(await lab('study', 'merge', '--plan', refused, '--from', out, '--out', target)).toMatchObject({ code: 2 }); // prettier-ignore
      }
    }
    expect(readFileSync(join(out, 'plan.json'), 'utf8')).toBe(before);
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  it('names what is wrong with a plan or with results', async () => {
    const folder = makeFolder();
    const path = join(folder, 'plan.json');
    writeFileSync(path, '{"version": 3}');
    expect((await lab('study', '--plan', path, '--out', folder)).stderr).toContain('version 3 of a plan is unknown');
    expect((await lab('study', '--plan', join(folder, 'none.json'), '--out', folder)).stderr).toContain(
      'cannot be read',
    );
    expect((await lab('probe', '--results', folder)).stderr).toContain('results.json cannot be read');
    expect(await lab('study', '--out', folder, '--shard', '3/2')).toMatchObject({ code: 2 });
    writeRows(folder, 'rows.jsonl', [{ id: 'a', text: 'A', label: 'safe', category: 'safe', split: 'x' }]);
    const base = JSON.parse((await lab('study', '--print-plan')).stdout) as StudyPlan;
    const sets = [{ name: 'Training', source: { kind: 'file', path: 'rows.jsonl' }, part: null }];
    writeFileSync(path, JSON.stringify({ ...base, sets, tests: [{ name: 'T', role: 'rewritten', sets: ['Training'] }], truth: null })); // prettier-ignore
    const { code, stderr } = await lab('study', '--plan', path, '--out', folder);
    expect(code).toBe(2);
    expect(stderr).toContain('The training sets have no prompt that is harmful');
  });
});
