import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CheckpointTensors } from '../../../src/engine/checkpoint/checkpoint-tensors.ts';
import { bytesSource } from '../../../src/formats/bytes/byte-source.ts';
import { readSafetensorsHeader } from '../../../src/formats/bytes/safetensors.ts';
import type { CheckpointFiles } from '../../../src/engine/checkpoint/checkpoint-files.ts';
import { madeUpCheckpoint } from '../../hub-server/made-up-checkpoint.ts';
import { OLMO_3_7B, OLMO_3_SMALL } from '../../hub-server/olmo-shapes.ts';
import { servedFile, type RevisionFiles, type ServedFile } from '../../hub-server/served-file.ts';
import { openModel } from '../../support/checkpoint-fixtures.ts';

async function read(file: ServedFile, start = 0, end = file.byteLength): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.read(start, end)) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

/** The files as the engine reads them, without a network. */
function locally(files: RevisionFiles): CheckpointFiles {
  return {
    label: 'made-up',
    open: async (name) => {
      const content = files[name];
      return content === undefined ? null : bytesSource(name, await read(servedFile(content)));
    },
  };
}

const SMALL = madeUpCheckpoint(OLMO_3_SMALL, { maxShardBytes: 200_000 });
const shards = Object.entries(SMALL).filter(([name]) => name.endsWith('.safetensors'));

describe('a made-up checkpoint', () => {
  it('has valid shards, and a digest that is theirs', async () => {
    expect(shards.length).toBeGreaterThan(1);
    for (const [name, content] of shards) {
      const file = servedFile(content);
      const bytes = await read(file);
      expect((await readSafetensorsHeader(bytesSource(name, bytes))).tensors.size).toBeGreaterThan(0);
      expect(await file.sha256()).toBe(createHash('sha256').update(bytes).digest('hex'));
    }
  });

  it('gives any range the bytes that the whole file has there', async () => {
    const file = servedFile(shards[0]?.[1] ?? '');
    const whole = await read(file);
    for (const [start, end] of [
      [0, 8],
      [7, 5000],
      [4095, 4097],
      [100_001, 150_000],
      [whole.length - 3, whole.length],
    ])
      // prettier-ignore
      expect(Buffer.compare(await read(file, start, end), whole.slice(start, end))).toBe(0);
  });

  it('has other weights for another seed, the same for the same', async () => {
    const bytes = async (seed: number): Promise<Uint8Array> =>
      read(servedFile(madeUpCheckpoint(OLMO_3_SMALL, { seed })['model.safetensors'] ?? ''));
    const first = await bytes(5);
    expect(Buffer.compare(await bytes(5), first)).toBe(0);
    expect(Buffer.compare(await bytes(6), first)).not.toBe(0);
  });

  it('has matrices of std hidden^-½ about 0, and norms about 1', async () => {
    const tensors = await CheckpointTensors.open(locally(SMALL));
    const matrix = await tensors.read('model.layers.2.mlp.up_proj.weight', [96, 64]);
    const norm = await tensors.read('model.layers.0.self_attn.q_norm.weight', [64]);
    const mean = (values: Float32Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(Math.abs(mean(matrix))).toBeLessThan(0.01);
    expect(Math.sqrt(mean(matrix.map((x) => x * x)))).toBeCloseTo(64 ** -0.5, 2);
    expect(mean(norm)).toBeCloseTo(1, 1);
  });

  it('computes finite, different answers to different prompts', async () => {
    const model = await openModel(locally(SMALL));
    const logits = async (ids: number[]): Promise<Float32Array> =>
      (await model.forward({ ids: [ids], cache: null, logits: 'last', residuals: [] })).logits ?? new Float32Array();
    const [a, b] = [await logits([1, 2, 3]), await logits([3, 2, 1])];
    expect(a.every(Number.isFinite)).toBe(true);
    expect(a).not.toEqual(b);
    await model.dispose();
  });

  it('has the true size and shards of OLMo 3 7B without holding them', () => {
    const files = madeUpCheckpoint(OLMO_3_7B);
    const sizes = Object.entries(files).flatMap(([name, content]) =>
      name.endsWith('.safetensors') ? [servedFile(content).byteLength] : [],
    );
    expect(sizes).toHaveLength(3);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(14.59e9);
    expect(Math.max(...sizes)).toBeLessThan(5e9);
  });
});
