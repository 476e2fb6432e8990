/** `lab export`: what it writes, and what it refuses. That transformers.js loads it is a matter of tests/parity and tests/browser. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyGolden, lab, makeFolder, readJsonFile } from '../../support/run-cli.ts';

const TIMEOUT = 60_000; // ms; a model is converted, on a machine that may be busy
const folder = makeFolder();
const golden = copyGolden(folder, 'olmo3-bf16-sharded', 'checkpoint');
const [stored, pack] = [join(folder, 'stored'), join(folder, 'stored.zip')];

beforeAll(async () => {
  const converted = await lab('convert', '--checkpoint', golden, '--precision', 'q8', '--out', stored, '--pack', pack);
  expect(converted).toMatchObject({ code: 0, stderr: '' });
}, TIMEOUT);
afterAll(() => rmSync(folder, { recursive: true }));

const filesOf = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(path, name)).isFile());

describe('lab export', { timeout: TIMEOUT }, () => {
  it('writes the folder that transformers.js loads, from a folder as from a pack', async () => {
    const [out, fromPack] = [join(folder, 'exported'), join(folder, 'from-pack')];
    const { code, stdout, stderr } = await lab('export', '--model', stored, '--out', out);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const files = filesOf(out).sort();
    expect(files).toEqual(
      expect.arrayContaining(['config.json', 'onnx/model_quantized.onnx', 'onnx/model_quantized.onnx_data']),
    );
    const bytes = files.reduce((sum, file) => sum + statSync(join(out, file)).size, 0);
    expect(stdout).toContain(`: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB in ${out}`);
    const dataFiles = files.filter((file) => file.includes('.onnx_data')).length;
    expect(readJsonFile(join(out, 'config.json'))).toMatchObject({
      model_type: 'olmo3',
      'transformers.js_config': { dtype: 'q8', use_external_data_format: { 'model_quantized.onnx': dataFiles } },
    });
    expect((await lab('export', '--model', pack, '--out', fromPack)).code).toBe(0);
    expect(filesOf(fromPack).sort()).toEqual(files);
    const weights = files.filter((file) => file.startsWith('onnx'));
    for (const file of weights) expect(readFileSync(join(fromPack, file)).equals(readFileSync(join(out, file)))).toBe(true); // prettier-ignore
  });

  it('writes over nothing', async () => {
    const out = join(folder, 'taken');
    expect((await lab('export', '--model', stored, '--out', out)).code).toBe(0);
    const before = filesOf(out);
    const { code, stderr } = await lab('export', '--model', stored, '--out', out);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${out} is not empty`) as string,
    });
    expect(filesOf(out)).toEqual(before);
  });

  it('says that a checkpoint has to be converted first', async () => {
    const out = join(folder, 'none');
    const { code, stderr } = await lab('export', '--model', golden, '--out', out);
    expect(code).toBe(1);
    expect(stderr).toMatch(/contains no converted model\. Convert the checkpoint first: lab convert/);
    expect(existsSync(out)).toBe(false);
  });

  it('leaves an empty folder where a weight is not what it was', async () => {
    const name = readdirSync(stored).find((file) => /^weights/.test(file)) ?? '';
    const whole = readFileSync(join(stored, name));
    writeFileSync(
      join(stored, name),
      whole.map((byte, i) => (i === 0 ? byte ^ 1 : byte)),
    );
    const out = join(folder, 'spoiled');
    const { code, stderr } = await lab('export', '--model', stored, '--out', out);
    writeFileSync(join(stored, name), whole);
    expect(code).toBe(1);
    expect(stderr).toContain(name);
    expect(readdirSync(out)).toEqual([]);
  });
});
