import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { lab, makeFolder, readTensors, writeRows } from '../../support/run-cli.ts';
import { promptSet } from '../../support/public-files.ts';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const out = join(folder, 'out.safetensors');
const TEST = promptSet('harm-test.jsonl');
const rows = (label: string): string => writeRows(folder, `${label}.jsonl`, TEST.filter((row) => row.label === label).slice(0, 20)); // prettier-ignore

const TIMEOUT = 30_000; // ms; models are opened, on a machine that may be busy

describe('the command line on the built-in ladder', { timeout: TIMEOUT }, () => {
  it('reads texts by revision', async () => {
    const args = ['--prompts', rows('safe'), '--layers', '0,3', '--out', out];
    expect(await lab('residuals', '--checkpoint', 'tiny-olmo3@stage1-step0', ...args)).toMatchObject({ code: 0, stderr: '' });
    const { tensors, metadata } = await readTensors(out);
    expect(tensors['resid_post.3']?.shape[0]).toBe(20);
    expect(metadata['checkpoint']).toBe('tiny-olmo3@stage1-step0');
  });

  it('finds a direction and steers with it, the same every time', async () => {
    const ladder = ['--checkpoint', 'tiny-olmo3@Instruct'];
    const files = ['--harmful', rows('harmful'), '--safe', rows('safe')];
    expect(await lab('direction', ...ladder, ...files, '--layer', '3', '--chat', '--out', out)).toMatchObject({ code: 0 });
    const say = (...more: string[]): ReturnType<typeof lab> =>
      lab('generate', ...ladder, '--prompt', 'How do I bake a cake?', '--chat', '--temperature', '0', ...more);
    const plain = await say();
    expect(plain).toMatchObject({ code: 0, stderr: '' });
    expect(plain.stdout.split(/\s+/).length).toBeGreaterThan(4);
    const steered = await say('--steer', out, '--layer', '3', '--lambda', '-4');
    expect(steered.stdout).not.toBe(plain.stdout);
    expect(await say('--steer', out, '--layer', '3', '--lambda', '-4')).toEqual(steered);
  });

  it('needs a chat template for chat, which base models lack', async () => {
    const outcome = await lab('generate', '--checkpoint', 'tiny-olmo3@stage1-step0', '--prompt', 'Hello', '--chat');
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(/^lab: .*no chat template[^\n]+\n$/);
  });

  it('names the revisions that there are', async () => {
    const outcome = await lab('generate', '--checkpoint', 'tiny-olmo3@stage1-step9', '--prompt', 'Hello');
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/stage1-step9.*Instruct/);
  });
});
