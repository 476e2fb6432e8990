import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { describe, expect, it } from 'vitest';
import { relativeL2 } from '../../../src/core/linalg/vectors.ts';
import { copyGolden, lab, makeFolder, readTensors, writeRows } from '../../support/run-cli.ts';

const ROOT = join(import.meta.dirname, '../../..');
const folder = makeFolder();
const golden = copyGolden(folder, 'olmo3-bf16-sharded', 'checkpoint');
const rows = writeRows(folder, 'rows.jsonl', [{ id: 'a', ids: [5, 9, 40, 3] }]);

async function logitsOf(checkpoint: string): Promise<Float32Array> {
  const out = join(folder, 'logits.safetensors');
  const { code, stderr } = await lab('logits', '--checkpoint', checkpoint, '--prompts', rows, '--out', out);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return (await readTensors(out)).tensors['logits']?.data ?? new Float32Array();
}

const TIMEOUT = 60_000; // ms; models are converted and opened, on a machine that may be busy

describe('lab convert', { timeout: TIMEOUT }, () => {
  it.each([
    ['float32', 0],
    ['float16', 0], // bfloat16 weights of common sizes are float16 numbers
    ['q8', 0.02],
    ['int8', 0.05],
    ['q4', 0.4],
  ] as const)('makes a folder in %s that the other verbs open', async (precision, bound) => {
    const out = join(folder, precision);
    const done = await lab('convert', '--checkpoint', golden, '--precision', precision, '--out', out);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(done.stdout).toContain(precision);
    const error = relativeL2(await logitsOf(out), await logitsOf(golden));
    expect(error).toBeLessThanOrEqual(bound);
    if (bound > 0) expect(error).toBeGreaterThan(0);
  });

  it('saves a pack that the other verbs open', async () => {
    const [out, pack] = [join(folder, 'packed'), join(folder, 'model.zip')];
    const done = await lab('convert', '--checkpoint', golden, '--precision', 'q8', '--out', out, '--pack', pack);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(await logitsOf(pack)).toEqual(await logitsOf(out));
    writeFileSync(pack, readFileSync(pack).subarray(0, 5000));
    const cut = await lab('logits', '--checkpoint', pack, '--prompts', rows, '--out', join(folder, 'none'));
    expect(cut.code).toBe(1);
    expect(cut.stderr).toContain(pack);
  });

  it('converts and reads a checkpoint out of a ZIP of its folder', async () => {
    const zip = join(folder, 'checkpoint.zip');
    const writer = new ZipWriter(new Uint8ArrayWriter(), { level: 0, useWebWorkers: false });
    for (const file of readdirSync(golden)) {
      await writer.add(`checkpoint/${file}`, new Uint8ArrayReader(readFileSync(join(golden, file))));
    }
    writeFileSync(zip, await writer.close());
    expect(await logitsOf(zip)).toEqual(await logitsOf(golden));
    const out = join(folder, 'from-zip');
    const done = await lab('convert', '--checkpoint', zip, '--precision', 'q8', '--out', out);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    for (const file of readdirSync(out).filter((name) => name.startsWith('weights'))) {
      expect(readFileSync(join(out, file)).equals(readFileSync(join(folder, 'q8', file))), file).toBe(true);
    }
  });

  it('takes blocks of 32 or 64 and nothing else', async () => {
    const args = ['--checkpoint', golden, '--precision', 'q4', '--out', join(folder, 'q4-64')];
    expect(await lab('convert', ...args, '--block', '64')).toMatchObject({ code: 0 });
    expect(await lab('convert', ...args, '--block', '48')).toMatchObject({ code: 2 });
    expect(await lab('convert', ...args, '--precision', 'q3')).toMatchObject({ code: 2 });
  });

  it('leaves a folder alone that holds something else', async () => {
    const out = join(folder, 'mine');
    mkdirSync(out);
    writeFileSync(join(out, 'manifest.json'), '{}');
    writeFileSync(join(out, 'thesis.txt'), 'years of work');
    const { code, stderr } = await lab('convert', '--checkpoint', golden, '--precision', 'q4', '--out', out);
    expect(code).toBe(2);
    expect(stderr).toContain(out);
    expect(readdirSync(out)).toEqual(['manifest.json', 'thesis.txt']);
  });

  it('goes on where a killed process stopped, to the same bytes', async () => {
    const args = ['convert', '--checkpoint', 'tiny-olmo3@Instruct', '--precision', 'q4'];
    await lab(...args, '--out', join(folder, 'undisturbed'));
    const out = join(folder, 'killed');
    const isWhole = (): boolean => existsSync(join(out, 'manifest.json'));
    for (let attempt = 0; attempt < 10 && (attempt === 0 || isWhole()); attempt++) {
      rmSync(out, { recursive: true, force: true }); // on a busy machine it may end before it is killed
      const child = spawn(process.execPath, ['--import', 'tsx', 'cli/lab.ts', ...args, '--out', out], { cwd: ROOT });
      const closed = new Promise((resolve) => child.once('close', resolve));
      while (!existsSync(join(out, 'journal.json')) && child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      child.kill('SIGKILL');
      await closed;
    }
    expect(isWhole()).toBe(false);
    const unfinished = await lab('logits', '--checkpoint', out, '--prompts', rows, '--out', join(folder, 'none'));
    expect(unfinished.code).toBe(1);
    expect(await lab(...args, '--out', out)).toMatchObject({ code: 0 });
    for (const file of readdirSync(join(folder, 'undisturbed'))) {
      expect(readFileSync(join(out, file)).equals(readFileSync(join(folder, 'undisturbed', file))), file).toBe(true);
    }
    expect(readdirSync(out)).toEqual(readdirSync(join(folder, 'undisturbed')));
  });
});
