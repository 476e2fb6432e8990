import { cpSync, existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeDirectionFile } from '../../../src/formats/study/direction-file.ts';
import { goldenFolder, MADE_UP_CONFIG, madeUpFiles } from '../../support/checkpoint-fixtures.ts';
import { copyGolden, lab, labProcess, makeFolder, readJsonFile, writeRows } from '../../support/run-cli.ts';

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

const GOOD = goldenFolder('olmo3');
const OUT = join(folder, 'out.safetensors');
const PROMPTS = writeRows(folder, 'prompts.jsonl', [{ id: 'a', ids: [1, 2, 3] }]);

const residuals = (changes: Record<string, string> = {}): string[] => {
  const options = { checkpoint: GOOD, prompts: PROMPTS, out: OUT, ...changes };
  return ['residuals', ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])];
};

/** A copy of a golden checkpoint, spoiled. */
function spoiled(name: string, spoil: (path: string) => void, golden = 'olmo3'): string {
  const path = copyGolden(folder, golden, name);
  spoil(path);
  return path;
}

const truncated = spoiled('truncated', (path) => truncateSync(join(path, 'model.safetensors'), 50_000));
const huge = spoiled('huge', (path) => {
  const header = new Uint8Array(64);
  new DataView(header.buffer).setBigUint64(0, 10_000_000_000n, true);
  writeFileSync(join(path, 'model.safetensors'), header);
});
const llama = spoiled('llama', (path) => {
  const config = readJsonFile(join(path, 'config.json'));
  writeFileSync(join(path, 'config.json'), JSON.stringify({ ...config, model_type: 'llama' }));
});
const wrongShape = spoiled('wrong-shape', (path) => {
  const config = readJsonFile(join(path, 'config.json'));
  writeFileSync(join(path, 'config.json'), JSON.stringify({ ...config, intermediate_size: 32 }));
});
const shardless = spoiled(
  'shardless',
  (path) => rmSync(join(path, 'model-00002-of-00003.safetensors')),
  'olmo3-bf16-sharded',
);
const unknownType = spoiled('unknown-type', (path) => {
  const file = join(path, 'model.safetensors');
  const header = '{"w":{"dtype":"Q9","shape":[1],"data_offsets":[0,4]}}';
  const bytes = new Uint8Array(8 + header.length + 4);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  writeFileSync(file, bytes);
});
const empty = join(folder, 'empty');
cpSync(goldenFolder('olmo3'), empty, { recursive: true, filter: (path) => !path.endsWith('.json') });

const nan = join(folder, 'nan.safetensors');
writeFileSync(nan, writeDirectionFile(new Float32Array(32).fill(NaN), {}));
const short = join(folder, 'short.safetensors');
writeFileSync(short, writeDirectionFile(new Float32Array(31), {}));
const [zeros, ones] = [join(folder, 'zeros.safetensors'), join(folder, 'ones.safetensors')];
writeFileSync(zeros, writeDirectionFile(new Float32Array(32), {}));
writeFileSync(ones, writeDirectionFile(new Float32Array(32).fill(1), {}));
const rows = (name: string, ...content: unknown[]): string => writeRows(folder, name, content);
const steer = (file: string, layer = '1', lambda = '1'): string[] => [
  ...['logits', '--checkpoint', GOOD, '--prompts', PROMPTS, '--out', OUT],
  ...['--steer', file, '--layer', layer, '--lambda', lambda],
];

const direction = (layer: string, safe: string): string[] => [
  ...['direction', '--checkpoint', GOOD, '--harmful', PROMPTS, '--safe', safe, '--layer', layer, '--out', OUT],
];

describe('the command line, given something wrong', () => {
  it.each([
    ['no verb', [], 2, /no verb/],
    ['an unknown verb', ['embiggen'], 2, /unknown verb "embiggen"/],
    ['a missing option', ['residuals', '--checkpoint', GOOD, '--prompts', PROMPTS], 2, /--out is missing/],
    ['an unknown option', residuals({ fast: 'yes' }), 2, /--fast/],
    ['an option without its value', ['residuals', '--checkpoint'], 2, /--checkpoint/],
    ['a stray argument', [...residuals(), 'extra'], 2, /extra/],
    ['a layer that is not a number', residuals({ layers: '1,x' }), 2, /--layers .*"1,x"/],
    ['a layer that is not there', residuals({ layers: '0,99' }), 2, /no layer 99/],
    ['a pooling that is not there', residuals({ pool: 'sum' }), 2, /--pool .*last, mean, max.*"sum"/],
    ['threads that are no number', residuals({ threads: 'many' }), 2, /--threads .*"many"/],
    ['a λ that is not a number', steer(nan, '1', 'much'), 2, /--lambda .*"much"/],
    ['a layer of steering that is not there', steer(nan, '99'), 2, /no layer 99/],
    ['steering by halves', steer(nan).slice(0, -2), 2, /--steer, --layer and --lambda/],
    [
      'a λ that is not a number, though the checkpoint is missing too',
      steer(nan, '1', 'x').with(2, 'nowhere'),
      2,
      /--lambda/,
    ],
    ['an empty prompt', ['generate', '--checkpoint', GOOD, '--prompt', ' '], 2, /prompt is empty/],
    ['a folder that is not there', residuals({ checkpoint: 'nowhere' }), 1, /nowhere is not a folder/],
    ['a file as checkpoint', residuals({ checkpoint: PROMPTS }), 1, /prompts\.jsonl is not a folder/],
    ['a folder without config.json', residuals({ checkpoint: empty }), 1, /empty has no config\.json/],
    ['another family', residuals({ checkpoint: llama }), 1, /llama.*model_type "llama"/],
    ['truncated weights', residuals({ checkpoint: truncated }), 1, /truncated\/model\.safetensors: tensor \S+ ends at/],
    ['a header of 10 GB', residuals({ checkpoint: huge }), 1, /huge\/model\.safetensors: .*10000000000 bytes/],
    ['an unknown tensor type', residuals({ checkpoint: unknownType }), 1, /tensor w has the unknown type "Q9"/],
    ['weights of another shape', residuals({ checkpoint: wrongShape }), 1, /tensor \S+gate_proj\.weight has shape/],
    ['a missing shard', residuals({ checkpoint: shardless }), 1, /shard model-00002-of-00003\.safetensors is missing/],
    ['a prompt file that is not there', residuals({ prompts: 'nowhere.jsonl' }), 1, /nowhere\.jsonl cannot be read/],
    ['a prompt file without rows', residuals({ prompts: rows('none.jsonl') }), 1, /none\.jsonl has no rows/],
    ['a row without an id', residuals({ prompts: rows('no-id.jsonl', { ids: [1] }) }), 1, /no-id\.jsonl, line 1/],
    ['a row without text', residuals({ prompts: rows('no-text.jsonl', { id: 'a' }) }), 1, /no-text\.jsonl, line 1/],
    [
      'an empty row',
      residuals({ prompts: rows('blank.jsonl', { id: 'a', ids: [1] }, { id: 'b', ids: [] }) }),
      1,
      /blank\.jsonl, line 2: .*empty/,
    ],
    [
      'a token outside of the vocabulary',
      residuals({ prompts: rows('far.jsonl', { id: 'a', ids: [120] }) }),
      1,
      /far\.jsonl, line 1: token 120/,
    ],
    ['a negative token', residuals({ prompts: rows('negative.jsonl', { id: 'a', ids: [-1] }) }), 1, /token -1/],
    [
      'a prompt longer than the context',
      residuals({ prompts: rows('long.jsonl', { id: 'a', ids: Array(257).fill(1) }) }),
      1,
      /long\.jsonl, line 1: .*257 tokens/,
    ],
    [
      'text for a checkpoint without a tokenizer',
      residuals({ prompts: rows('text.jsonl', { id: 'a', text: 'Hi' }) }),
      1,
      /olmo3 has no tokenizer\.json/,
    ],
    ['a direction file that is not there', steer('nowhere.safetensors'), 1, /nowhere\.safetensors cannot be read/],
    ['NaN in a direction', steer(nan), 1, /nan\.safetensors: .*NaN at position 0/],
    ['a direction of another size', steer(short), 1, /short\.safetensors: .*31 dimensions; .* has 32/],
    ['a direction of zeros', steer(zeros), 1, /zeros\.safetensors: .*all zeros/],
    ['a λ beyond float32', steer(ones, '1', '1e300'), 2, /exceeds the range of float32/],
    ['the same prompts on both sides of a direction', direction('0', PROMPTS), 2, /layer 0: .*same mean activation/],
    ['a file that holds no direction', steer(join(GOOD, 'model.safetensors')), 1, /no tensor "direction"/],
    [
      'a folder for its output that is not there',
      residuals({ out: join(folder, 'no/where.st') }),
      1,
      /no\/where\.st cannot be written/,
    ],
  ])('says so in one line: %s', async (_, args, code, message) => {
    const outcome = await lab(...args);
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr).toMatch(/^lab: [^\n]+\n$/);
    expect(outcome.code).toBe(code);
    expect(existsSync(OUT)).toBe(false);
  });

  it('leaves what stood at its output where it fails, and no partial file', async () => {
    const kept = join(folder, 'kept.safetensors');
    writeFileSync(kept, 'before');
    expect((await lab(...residuals({ checkpoint: truncated, out: kept }))).code).toBe(1);
    expect(existsSync(kept)).toBe(true);
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });
});

describe('the built-in ladder by name', () => {
  it('names a revision that is not there, or the ladder where it is not', async () => {
    const outcome = await lab(...residuals({ checkpoint: 'tiny-olmo3@nowhere' }));
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^lab: .*tiny-olmo3[^\n]+\n$/);
  });
});

describe('generate', () => {
  const checkpoint = join(folder, 'made-up');
  const say = (...more: string[]): string[] => [
    'generate',
    '--checkpoint',
    checkpoint,
    '--prompt',
    'The birds',
    ...more,
  ];

  it('streams an answer; the same seed gives the same one', async () => {
    cpSync(GOOD, checkpoint, { recursive: true });
    for (const [file, content] of Object.entries(madeUpFiles())) writeFileSync(join(checkpoint, file), content);
    const direction = join(folder, 'general.safetensors');
    const vector = Float32Array.from({ length: MADE_UP_CONFIG.hidden_size }, (_, i) => Math.sin(i));
    writeFileSync(direction, writeDirectionFile(vector, {}));
    const first = await lab(...say('--max-tokens', '12', '--seed', '4'));
    expect(first.code).toBe(0);
    expect(first.stdout.length).toBeGreaterThan(3);
    expect(await lab(...say('--max-tokens', '12', '--seed', '4'))).toEqual(first);
    expect((await lab(...say('--max-tokens', '12', '--seed', '5'))).stdout).not.toBe(first.stdout);
    const steering = ['--steer', direction, '--layer', '1', '--lambda'];
    expect((await lab(...say('--max-tokens', '12', '--seed', '4', ...steering, '0'))).stdout).toBe(first.stdout);
    expect((await lab(...say('--max-tokens', '12', '--seed', '4', ...steering, '-9'))).stdout).not.toBe(first.stdout);
    expect((await lab(...say('--max-tokens', '12', '--seed', '4', '--chat'))).stdout).not.toBe(first.stdout);
  });

  it.each([
    ['a prompt and an answer longer than the context', ['--max-tokens', '63'], 1, /room for 64/],
    ['a negative temperature', ['--temperature', '-1'], 2, /temperature/],
    ['no tokens', ['--max-tokens', '0'], 2, /maxTokens is 0/],
    ['a seed that is not a number', ['--seed', 'x'], 2, /--seed/],
  ])('says what is wrong: %s', async (_, more, code, message) => {
    const outcome = await lab(...say(...more));
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr).toMatch(/^lab: [^\n]+\n$/);
    expect(outcome.code).toBe(code);
  });
});

const PROCESS_TIMEOUT = 30_000; // ms; two processes of a second and a half, on a machine that is busy

describe('as a process', { timeout: PROCESS_TIMEOUT }, () => {
  it('shows its help', async () => {
    const [general, ofVerb] = await Promise.all([labProcess('--help'), labProcess('logits', '--help')]);
    expect(general).toMatchObject({ code: 0, stderr: '' });
    for (const verb of ['residuals', 'logits', 'direction', 'generate']) expect(general.stdout).toContain(verb);
    expect(ofVerb).toMatchObject({ code: 0, stderr: '' });
    for (const option of ['--checkpoint', '--prompts', '--steer', '--layer', '--lambda', '--out']) {
      expect(ofVerb.stdout).toContain(option);
    }
  });

  it('exits with 2 for arguments, 1 for files, 0 when done, and prints nothing else', async () => {
    const [badArguments, badFile] = await Promise.all([
      labProcess('residuals'),
      labProcess(...residuals({ checkpoint: truncated })),
    ]);
    expect(badArguments.code).toBe(2);
    expect(badFile.code).toBe(1);
    for (const { stdout, stderr } of [badArguments, badFile]) {
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^lab: [^\n]+\n$/);
    }
    const done = join(folder, 'done.safetensors');
    expect(await labProcess(...residuals({ out: done }))).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(existsSync(done)).toBe(true);
  });
});
