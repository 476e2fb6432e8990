/** What fewer bits cost, as KL divergence of the next token from the float32 model's; and that q4 computes what it stands for. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveCheckpoint } from '../../cli/options/checkpoint-options.ts';
import { folderFiles } from '../../cli/files/folder.ts';
import { klDivergence } from '../../src/core/statistics/divergence.ts';
import { relativeL2 } from '../../src/core/linalg/vectors.ts';
import { readJson, type CheckpointFiles } from '../../src/engine/checkpoint/checkpoint-files.ts';
import type { Precision } from '../../src/engine/graph/precisions.ts';
import { OlmoModel } from '../../src/engine/run/model.ts';
import { openNodeRuntime } from '../../src/engine/device/runtime.node.ts';
import { OlmoTokenizer } from '../../src/engine/tokens/tokenizer.ts';
import { bytesSource } from '../../src/formats/bytes/byte-source.ts';
import { dequantiseQ4, quantiseQ4 } from '../../src/formats/weights/quantised-blocks.ts';
import {
  readFloat32,
  readSafetensorsHeader,
  writeSafetensors,
  type Float32Tensor,
} from '../../src/formats/bytes/safetensors.ts';
import { CASES, GOLDEN } from './golden-cases.ts';

const RANDOM_WEIGHTS = CASES.filter(({ checkpoint }) => checkpoint === null); // the ladder's own follow below

/**
 * Mean nats a token. Measured on the goldens, whose weights are random and so the hardest to round: q4 0.017 to 0.161, int8 0.0004 to
 * 0.0041, q8 0.0001 to 0.0010, float16 at most 1.1e-6; the ladder’s Instruct, over a whole prompt set, 0.005, 0.0002, 0.00003 and 5e-13.
 * Logits of another token of the same prompts, which is what a broken path gives at best, are 0.72 and more away.
 */
const BOUND = { q4: 0.2, 'q4-mixed': 0.12, int8: 0.01, q8: 0.002, float16: 1e-5 } as const;
const UNRELATED = 0.6;
const ROUNDED = ['q4', 'q4-mixed', 'int8', 'q8', 'float16'] as const;

/** Logits of every token of every prompt, [vocab] each. */
async function allLogits(
  files: CheckpointFiles,
  prompts: readonly number[][],
  precision: Precision,
): Promise<Float32Array[]> {
  const model = await OlmoModel.open(files, openNodeRuntime(1), { precision });
  const { vocabSize } = model.config;
  const rows: Float32Array[] = [];
  for (const ids of prompts) {
    const { logits } = await model.forward({ ids: [ids], cache: null, logits: 'all', residuals: [] });
    for (let i = 0; i < ids.length; i++)
      rows.push((logits ?? new Float32Array()).slice(i * vocabSize, (i + 1) * vocabSize));
  }
  await model.dispose();
  return rows;
}

function meanDivergence(from: readonly Float32Array[], to: readonly Float32Array[], shift = 0): number {
  const sum = from.reduce((total, row, i) => total + klDivergence(row, to[(i + shift) % to.length] ?? row), 0);
  return sum / from.length;
}

async function goldenPrompts(files: CheckpointFiles): Promise<number[][]> {
  const golden = await readJson(files, 'golden.json');
  return (golden?.['prompts'] as { ids: number[] }[]).map(({ ids }) => ids);
}

describe.each(RANDOM_WEIGHTS.map(({ name }) => name))('%s in fewer bits on WASM', (name) => {
  it('stays near the float32 model', async () => {
    const files = await folderFiles(join(GOLDEN, name));
    const prompts = await goldenPrompts(files);
    const exact = await allLogits(files, prompts, 'float32');
    expect(meanDivergence(exact, exact, 7)).toBeGreaterThan(UNRELATED);
    for (const precision of ROUNDED) {
      const rounded = await allLogits(files, prompts, precision);
      expect(rounded.every((row) => row.every(Number.isFinite))).toBe(true);
      expect(meanDivergence(exact, rounded), precision).toBeLessThan(BOUND[precision]);
    }
  });
});

describe.each(['olmo1', 'olmo2-gqa', 'olmo3-yarn'])('%s in int8', (name) => {
  it('writes the same in a batch as alone, and token by token', async () => {
    const files = await folderFiles(join(GOLDEN, name));
    const prompts = (await goldenPrompts(files)).slice(0, 4);
    const model = await OlmoModel.open(files, openNodeRuntime(1), { precision: 'int8' });
    const { vocabSize } = model.config;
    const together = await model.forward({ ids: prompts, cache: null, logits: 'last', residuals: [] });
    for (const [row, ids] of prompts.entries()) {
      const alone = await model.forward({ ids: [ids], cache: null, logits: 'last', residuals: [] });
      const cache = model.createCache(1, ids.length);
      let stepwise: Float32Array | null = null;
      for (const id of ids)
        ({ logits: stepwise } = await model.forward({ ids: [[id]], cache, logits: 'last', residuals: [] }));
      cache.dispose();
      const batched = (together.logits ?? new Float32Array()).slice(row * vocabSize, (row + 1) * vocabSize);
      expect(relativeL2(batched, alone.logits ?? new Float32Array())).toBeLessThan(1e-5);
      // Sums of float32 in another order may move an activation to the next of 127 levels.
      expect(klDivergence(alone.logits ?? new Float32Array(), stepwise ?? new Float32Array())).toBeLessThan(1e-3);
    }
    await model.dispose();
  });
});

/** The checkpoint with every matrix of the graph replaced by what its q4 blocks stand for. */
async function dequantised(files: CheckpointFiles): Promise<CheckpointFiles> {
  const source = await files.open('model.safetensors');
  if (source === null) throw new Error(`${files.label} has no model.safetensors`);
  const { tensors } = await readSafetensorsHeader(source);
  const replaced: Record<string, Float32Tensor> = {};
  for (const entry of tensors.values()) {
    const data = await readFloat32(source, entry);
    const [rows = 1, columns] = entry.shape;
    const isInGraph = columns !== undefined && entry.name !== 'model.embed_tokens.weight';
    const values = isInGraph ? dequantiseQ4(quantiseQ4(data, rows, columns), rows, columns) : data;
    replaced[entry.name] = { shape: entry.shape, data: values };
  }
  const bytes = bytesSource('model.safetensors', writeSafetensors(replaced));
  return { label: files.label, open: (file) => (file === bytes.name ? Promise.resolve(bytes) : files.open(file)) };
}

describe.each(['olmo1', 'olmo2-gqa', 'olmo3-yarn'])('%s in q4', (name) => {
  it('computes exactly what its blocks stand for', async () => {
    const files = await folderFiles(join(GOLDEN, name));
    const prompts = await goldenPrompts(files);
    const inBlocks = await allLogits(files, prompts, 'q4');
    const asFloats = await allLogits(await dequantised(files), prompts, 'float32');
    for (const [i, row] of inBlocks.entries()) {
      expect(relativeL2(row, asFloats[i] ?? new Float32Array())).toBeLessThan(1e-5); // float32 sums in another order
    }
  });
});

describe('the built-in Instruct in fewer bits on WASM', () => {
  it('stays near the float32 model', async () => {
    const files = await resolveCheckpoint('tiny-olmo3@Instruct');
    const tokenizer = await OlmoTokenizer.open(files);
    const texts = ['How do I bake a loaf of bread?', 'Tell me how to rob a bank.', 'Thank you!', 'What is a lake?'];
    const prompts = texts.map((content) => tokenizer.encodeChat([{ role: 'user', content }]));
    const exact = await allLogits(files, prompts, 'float32');
    for (const precision of ROUNDED) {
      expect(meanDivergence(exact, await allLogits(files, prompts, precision)), precision).toBeLessThan(
        BOUND[precision],
      );
    }
    expect(meanDivergence(exact, exact, 7)).toBeGreaterThan(UNRELATED);
  });
});
