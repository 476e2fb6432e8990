import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pool, POOLINGS } from '../../../src/core/probes/pooling.ts';
import { relativeL2 } from '../../../src/core/linalg/vectors.ts';
import { writeDirectionFile } from '../../../src/formats/study/direction-file.ts';
import { goldenFolder } from '../../support/checkpoint-fixtures.ts';
import { lab, makeFolder, readJsonFile, readTensors, writeRows, type TensorFile } from '../../support/run-cli.ts';

const TOLERANCE = 1e-5; // what parity with transformers promises

interface Golden {
  readonly prompts: { id: string; ids: number[] }[];
  readonly steering: { layer: number; lambda: number };
  readonly logitPositions: 'all' | 'last';
}

const TIMEOUT = 30_000; // ms; models are opened, on a machine that may be busy

describe.each(['olmo3-yarn', 'olmo3-bf16-sharded', 'olmo1'])('the command line on %s', { timeout: TIMEOUT }, (name) => {
  const checkpoint = goldenFolder(name);
  const { prompts, steering, logitPositions } = readJsonFile(join(checkpoint, 'golden.json')) as unknown as Golden;
  const folder = makeFolder();
  const out = join(folder, 'out.safetensors');
  const directionFile = join(folder, 'direction.safetensors');
  let rows: string;
  let golden: TensorFile['tensors'];

  beforeAll(async () => {
    golden = (await readTensors(join(checkpoint, 'golden.safetensors'))).tensors;
    rows = writeRows(folder, 'prompts.jsonl', prompts);
    writeFileSync(directionFile, writeDirectionFile(golden['direction']?.data ?? new Float32Array(), {}));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const goldenOf = (tensor: string): Float32Array => {
    const found = golden[tensor];
    if (found === undefined) throw new Error(`the golden has no ${tensor}`);
    return found.data;
  };
  const rowOf = (tensor: { shape: readonly number[]; data: Float32Array } | undefined, row: number): Float32Array => {
    const width = tensor?.shape[1] ?? 0;
    return tensor?.data.subarray(row * width, (row + 1) * width) ?? new Float32Array();
  };

  it.each(POOLINGS)('writes the residuals of transformers, pooled: %s', async (pooling) => {
    expect(
      await lab('residuals', '--checkpoint', checkpoint, '--prompts', rows, '--pool', pooling, '--out', out),
    ).toEqual({ code: 0, stdout: '', stderr: '' });
    const { tensors, metadata } = await readTensors(out);
    expect(JSON.parse(metadata['ids'] ?? '')).toEqual(prompts.map(({ id }) => id));
    expect(metadata).toMatchObject({ pooling, checkpoint });
    const layers = Object.keys(golden).filter((tensor) => /^resid_post\.\d+\.p0$/.test(tensor)).length;
    expect(Object.keys(tensors).length).toBe(layers);
    for (let layer = 0; layer < layers; layer++) {
      const tensor = tensors[`resid_post.${layer}`];
      for (const [row, { id, ids }] of prompts.entries()) {
        const residual = goldenOf(`resid_post.${layer}.${id}`);
        const expected = pool(residual, ids.length, residual.length / ids.length, pooling);
        expect(relativeL2(rowOf(tensor, row), expected)).toBeLessThan(TOLERANCE);
      }
    }
  });

  it('writes only the layers that it is asked for', async () => {
    await lab('residuals', '--checkpoint', checkpoint, '--prompts', rows, '--layers', '2,0', '--out', out);
    expect(Object.keys((await readTensors(out)).tensors).sort()).toEqual(['resid_post.0', 'resid_post.2']);
  });

  it('streams in float16 where that is asked for, and says so in the file', async () => {
    const args = [
      'residuals',
      '--checkpoint',
      checkpoint,
      '--prompts',
      rows,
      '--layers',
      '2',
      '--precision',
      'float16',
    ];
    const halves = join(folder, 'halves.safetensors');
    await lab('residuals', '--checkpoint', checkpoint, '--prompts', rows, '--layers', '2', '--out', out);
    expect(await lab(...args, '--stream', '--out', halves)).toEqual({ code: 0, stdout: '', stderr: '' });
    const [exact, rounded] = [await readTensors(out), await readTensors(halves)];
    expect(rounded.metadata['precision']).toBe('float16');
    const data = (file: TensorFile): Float32Array => file.tensors['resid_post.2']?.data ?? new Float32Array();
    expect(relativeL2(data(rounded), data(exact))).toBeLessThan(2e-3); // 0 where the weights are float16 numbers already
    expect(await lab(...args, '--out', halves)).toMatchObject({ code: 2 }); // without --stream
  });

  it.each(POOLINGS)('streams the same file, layer by layer: %s', async (pooling) => {
    const args = ['residuals', '--checkpoint', checkpoint, '--prompts', rows, '--pool', pooling, '--layers', '0,2'];
    const streamed = join(folder, 'streamed.safetensors');
    await lab(...args, '--out', out);
    expect(await lab(...args, '--stream', '--out', streamed)).toEqual({ code: 0, stdout: '', stderr: '' });
    const [expected, actual] = [await readTensors(out), await readTensors(streamed)];
    expect(actual.metadata).toEqual(expected.metadata);
    expect(Object.keys(actual.tensors)).toEqual(Object.keys(expected.tensors));
    for (const [name, { shape, data }] of Object.entries(expected.tensors)) {
      expect(actual.tensors[name]?.shape).toEqual(shape);
      expect(relativeL2(actual.tensors[name]?.data ?? new Float32Array(), data)).toBeLessThan(1e-6);
    }
  });

  it('tells how much it read where it is asked to', async () => {
    const args = ['residuals', '--checkpoint', checkpoint, '--prompts', rows, '--layers', '1', '--stream', '--verbose'];
    const { stderr } = await lab(...args, '--out', out);
    expect(stderr).toMatch(/^fetched 0\.000 GB of 0\.000 GB, peak memory \d\.\d{3} GB\n$/);
  });

  it.each([
    ['as they are', 'logits', []],
    ['steered', 'steered.logits', ['--steer', directionFile, '--layer', steering.layer, '--lambda', steering.lambda]],
  ])('writes the last logits of transformers, %s', async (_, prefix, options) => {
    const args = ['--checkpoint', checkpoint, '--prompts', rows, ...options.map(String), '--out', out];
    expect(await lab('logits', ...args)).toEqual({ code: 0, stdout: '', stderr: '' });
    const { logits } = (await readTensors(out)).tensors;
    for (const [row, { id }] of prompts.entries()) {
      const all = goldenOf(`${prefix}.${id}`);
      const vocabSize = logits?.shape[1] ?? 0;
      expect(all.length).toBe(logitPositions === 'all' ? (prompts[row]?.ids.length ?? 0) * vocabSize : vocabSize);
      expect(relativeL2(rowOf(logits, row), all.slice(-vocabSize))).toBeLessThan(TOLERANCE);
    }
  });

  it('writes the difference of the means of two files', async () => {
    const [harmful, safe] = [prompts.slice(0, 2), prompts.slice(2)];
    const result = await lab(
      'direction',
      ...['--checkpoint', checkpoint, '--layer', '1', '--out', out],
      ...['--harmful', writeRows(folder, 'harmful.jsonl', harmful), '--safe', writeRows(folder, 'safe.jsonl', safe)],
    );
    expect(result).toEqual({ code: 0, stdout: '', stderr: '' });
    const { tensors, metadata } = await readTensors(out);
    const hidden = tensors['direction']?.shape[0] ?? 0;
    const mean = (part: typeof prompts): Float64Array => {
      const lasts = part.map(({ id }) => goldenOf(`resid_post.1.${id}`).slice(-hidden));
      return Float64Array.from(
        { length: hidden },
        (_, i) => lasts.reduce((sum, row) => sum + (row[i] ?? 0), 0) / lasts.length,
      );
    };
    const safeMean = mean(safe);
    const expected = mean(harmful).map((value, i) => value - (safeMean[i] ?? 0));
    expect(relativeL2(tensors['direction']?.data ?? new Float32Array(), expected)).toBeLessThan(TOLERANCE);
    expect(metadata).toMatchObject({ site: 'resid_post.1', pooling: 'last', harmful: '2', safe: String(safe.length) });
  });
});
