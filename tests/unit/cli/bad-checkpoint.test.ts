import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSafetensorsHeader } from '../../../src/formats/bytes/safetensors.ts';
import { openFile } from '../../../cli/files/folder.ts';
import { copyGolden, lab, makeFolder, readJsonFile, writeRows } from '../../support/run-cli.ts';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const OUT = join(folder, 'out.safetensors');
const PROMPTS = writeRows(folder, 'prompts.jsonl', [
  { id: 'first', ids: [5, 9, 40] },
  { id: 'second', ids: [7] },
]);
const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614\nsize 548105171\n';
const PAGE = '<!DOCTYPE html>\n<html><head><title>Log in</title></head></html>\n';

let count = 0;
/** A copy of a golden checkpoint, spoiled. */
function spoiled(spoil: (path: string) => void): string {
  const path = copyGolden(folder, 'olmo3', `spoiled-${count++}`);
  spoil(path);
  return path;
}

/** The checkpoint with one number of a tensor replaced. */
async function withNumber(tensor: string, value: number): Promise<string> {
  const path = spoiled(() => undefined);
  const file = join(path, 'model.safetensors');
  const source = await openFile(file);
  const entry = source === null ? undefined : (await readSafetensorsHeader(source)).tensors.get(tensor);
  if (entry?.dtype !== 'F32') throw new Error(`no ${tensor} in F32`);
  const bytes = readFileSync(file);
  bytes.writeFloatLE(value, entry.start);
  writeFileSync(file, bytes);
  return path;
}

const on = (verb: string, checkpoint: string, ...more: string[]): string[] => {
  const prompts = verb === 'direction' ? ['--harmful', PROMPTS, '--safe', PROMPTS] : ['--prompts', PROMPTS];
  return [verb, '--checkpoint', checkpoint, ...prompts, '--out', OUT, ...more];
};

async function refused(args: string[], message: RegExp): Promise<void> {
  const outcome = await lab(...args);
  expect(outcome.stderr, args.join(' ')).toMatch(message);
  expect(outcome.stderr).toMatch(/^lab: [^\n]+\n$/);
  expect(outcome.code).toBe(1);
  expect(existsSync(OUT)).toBe(false);
}

const TIMEOUT = 60_000; // ms; models are opened, on a machine that may be busy

describe('a checkpoint with a weight that is not a number', { timeout: TIMEOUT }, () => {
  it.each([NaN, -Infinity])('ends every verb that runs it with prompt and layer: %d', async (value) => {
    const bad = await withNumber('model.layers.1.mlp.down_proj.weight', value);
    await refused(on('residuals', bad), /prompt 1 at layer 1/);
    await refused(on('residuals', bad, '--stream'), /prompt 1 at layer 1/);
    await refused(on('residuals', bad, '--pool', 'mean', '--layers', '3'), /prompt 1 at layer 3/);
    await refused(on('direction', bad, '--layer', '2'), /prompt 1 at layer 2/);
    await refused(on('logits', bad), /logits after prompt 1 \(first\)/);
    expect(await lab(...on('residuals', bad, '--layers', '0'))).toMatchObject({ code: 0 }); // which it does not reach
    rmSync(OUT);
  });

  it.each(['float32', 'float16', 'q8', 'q4', 'int8'])(
    'is not converted to %s, by the tensor’s name',
    async (precision) => {
      for (const tensor of ['model.layers.1.mlp.down_proj.weight', 'model.layers.0.self_attn.q_norm.weight']) {
        const bad = await withNumber(tensor, NaN);
        const args = ['convert', '--checkpoint', bad, '--precision', precision, '--out', join(folder, `no-${count}`)];
        await refused(args, new RegExp(tensor.replaceAll('.', '\\.')));
      }
    },
  );
});

describe('a checkpoint’s folder', { timeout: TIMEOUT }, () => {
  it('may hold what is not a file of the checkpoint: dangling links, folders, sockets', async () => {
    const path = spoiled((at) => {
      symlinkSync('/nowhere/at/all', join(at, 'notes.txt'));
      symlinkSync('circle', join(at, 'circle'));
      mkdirSync(join(at, 'onnx'));
      execFileSync('mkfifo', [join(at, 'pipe')]);
    });
    expect(await lab(...on('residuals', path, '--stream'))).toMatchObject({ code: 0, stderr: '' });
    rmSync(OUT);
    expect(await lab(...on('logits', path))).toMatchObject({ code: 0, stderr: '' });
    rmSync(OUT);
  });

  it.each([
    [
      'a dangling link',
      (file: string) => symlinkSync('../../blobs/4d7a', file),
      /is a link to \.\.\/\.\.\/blobs\/4d7a, which does not exist\..*fetch/,
    ],
    [
      'links in a circle',
      (file: string) => symlinkSync(file, file),
      /cannot be read: it is a link that points back to itself/,
    ],
    ['a folder', (file: string) => mkdirSync(file), /is a folder, not a file/],
    ['a pipe', (file: string) => void execFileSync('mkfifo', [file]), /is a device, a pipe or a socket, not a file/],
  ])('names a file of the checkpoint that is %s', async (_, put, message) => {
    for (const name of ['config.json', 'model.safetensors']) {
      const path = spoiled((at) => {
        rmSync(join(at, name));
        put(join(at, name));
      });
      const names = new RegExp(`${name} .*`);
      await refused(on('logits', path), names);
      await refused(on('logits', path), message);
      await refused(on('residuals', path, '--stream'), message);
    }
  });

  it('may be a link itself, and be made of links as the Hub’s own cache is', async () => {
    const target = spoiled(() => undefined);
    const linked = join(folder, 'linked');
    mkdirSync(linked);
    for (const name of ['config.json', 'model.safetensors']) symlinkSync(join(target, name), join(linked, name));
    symlinkSync(linked, join(folder, 'link'));
    expect(await lab(...on('logits', join(folder, 'link')))).toMatchObject({ code: 0, stderr: '' });
    rmSync(OUT);
    symlinkSync('/nowhere', join(folder, 'broken'));
    await refused(on('logits', join(folder, 'broken')), /broken is a link to \/nowhere, which does not exist/);
  });
});

describe('a file that is something else', () => {
  it.each([
    [
      'model.safetensors',
      POINTER,
      /model\.safetensors is a Git LFS pointer to a file of 548105171 bytes.*git lfs pull/,
    ],
    ['model.safetensors', PAGE, /model\.safetensors is a web page/],
    ['model.safetensors', `GGUF${'x'.repeat(64)}`, /model\.safetensors is a GGUF file/],
    ['model.safetensors', '', /model\.safetensors is empty/],
    ['config.json', POINTER, /config\.json of .*Git LFS pointer.*git lfs pull/],
    ['config.json', PAGE, /config\.json of .*a web page/],
    ['config.json', '', /config\.json of .*it is empty/],
    [
      'config.json',
      Buffer.from('\ufeff{"model_type": "olmo3"}', 'utf16le'),
      /config\.json of .*not UTF-8 text but text in UTF-16/,
    ],
    ['tokenizer.json', POINTER, /tokenizer\.json of .*Git LFS pointer/],
    ['tokenizer.json', PAGE, /tokenizer\.json of .*a web page/],
  ])('is named: %s', async (name, content, message) => {
    const path = spoiled((at) => writeFileSync(join(at, name), content));
    const texts = writeRows(folder, 'texts.jsonl', [{ id: 'a', text: 'Hi' }]);
    await refused(
      ['logits', '--checkpoint', path, '--prompts', name === 'tokenizer.json' ? texts : PROMPTS, '--out', OUT],
      message,
    );
  });

  it('is named where a folder is wanted', async () => {
    const file = join(folder, 'model.gguf');
    writeFileSync(file, `GGUF${'x'.repeat(64)}`);
    await refused(on('logits', file), /model\.gguf is not a folder, but a GGUF file/);
  });
});

describe('a config.json', () => {
  it.each([
    ['num_hidden_layers', 1e9],
    ['hidden_size', 2 ** 40],
    ['vocab_size', -1],
    ['intermediate_size', 0.5],
    ['num_attention_heads', '4'],
    ['max_position_embeddings', 1e300],
  ])('is refused at once where %s is %j', async (key, value) => {
    const path = spoiled((at) => {
      const config = readJsonFile(join(at, 'config.json'));
      writeFileSync(join(at, 'config.json'), JSON.stringify({ ...config, [key]: value }));
    });
    await refused(on('logits', path), new RegExp(`config\\.json of .*: ${key} \\(`));
    await refused(on('residuals', path, '--stream'), new RegExp(`: ${key} \\(`));
  });

  it('is not repeated at length', async () => {
    const path = spoiled((at) => {
      const config = readJsonFile(join(at, 'config.json'));
      writeFileSync(join(at, 'config.json'), JSON.stringify({ ...config, model_type: `\u202e${'x'.repeat(1e6)}` }));
    });
    const { stderr } = await lab(...on('logits', path));
    expect(stderr).toMatch(/model_type "\\u\{202e\}x+…x+" is not one of/);
    expect(stderr.length).toBeLessThan(500);
  });
});
