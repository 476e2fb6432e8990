/**
 * What fewer bits cost: logit KL, top-1 agreement and direction cosines of each precision against float32, on WASM under Node.
 * `npx tsx bench/precision.ts [checkpoint] [prompts.jsonl]`
 */
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { resolveCheckpoint } from '../cli/checkpoints.ts';
import { CentroidAccumulator } from '../src/core/centroids.ts';
import { meanDifference } from '../src/core/directions.ts';
import { klDivergence, top1Agreement } from '../src/core/divergence.ts';
import { cosine } from '../src/core/vectors.ts';
import { openCheckpoint, type Checkpoint } from '../src/engine/checkpoint.ts';
import type { Precision } from '../src/engine/graph/builder.ts';
import { extractResiduals } from '../src/engine/residuals.ts';
import { openNodeRuntime } from '../src/engine/runtime.node.ts';
import type { BlockSize } from '../src/formats/quantised-blocks.ts';
import { parsePromptSet, type Prompt } from '../src/formats/prompt-set.ts';
import { encodePrompt } from '../src/study/category-directions.ts';
import { printTable } from './table.ts';

const PROMPTS = 200; // of each class
const name = process.argv[2] ?? 'tiny-olmo3@Instruct';
const file = process.argv[3] ?? join(import.meta.dirname, '../public/prompts/harm-test.jsonl');
const set = parsePromptSet(file, await readFile(file, 'utf8'));
const harmful = spread(set.filter(({ label }) => label === 'harmful'));
const safe = spread(set.filter(({ label }) => label === 'safe'));

/** `PROMPTS` of them, evenly spread over the file, so that every category takes part. */
function spread(prompts: readonly Prompt[]): Prompt[] {
  const step = Math.max(1, Math.floor(prompts.length / PROMPTS));
  return prompts.filter((_, index) => index % step === 0).slice(0, PROMPTS);
}

interface Reading {
  readonly logits: readonly Float32Array[];
  readonly directions: readonly Float64Array[]; // [layers]
}

async function read(precision: Precision, blockSize?: BlockSize): Promise<Reading> {
  const files = await resolveCheckpoint(name);
  const checkpoint = await openCheckpoint(files, openNodeRuntime(1), { precision, ...(blockSize && { blockSize }) });
  const template = checkpoint.tokenizer.hasChatTemplate ? 'chat' : 'raw';
  const encode = (prompts: readonly Prompt[]): number[][] =>
    prompts.map(({ text }) => encodePrompt(checkpoint.tokenizer, text, template));
  const [onHarmful, onSafe] = [encode(harmful), encode(safe)];
  const reading = {
    logits: await lastLogits(checkpoint, [...onHarmful, ...onSafe]),
    directions: await directionsOf(checkpoint, onHarmful, onSafe),
  };
  await checkpoint.model.dispose();
  return reading;
}

async function lastLogits({ model }: Checkpoint, prompts: readonly number[][]): Promise<Float32Array[]> {
  const all: Float32Array[] = [];
  for (const ids of prompts) {
    const { logits } = await model.forward({ ids: [ids], cache: null, logits: 'last', residuals: [] });
    if (logits !== null) all.push(logits);
  }
  return all;
}

async function directionsOf(
  { model }: Checkpoint,
  onHarmful: readonly number[][],
  onSafe: readonly number[][],
): Promise<Float64Array[]> {
  const layers = Array.from({ length: model.config.layers }, (_, layer) => layer);
  const centroids = async (prompts: readonly number[][]): Promise<Float64Array[]> => {
    const pooled = await extractResiduals(model, { prompts, layers, pooling: 'last' });
    return layers.map((layer) => {
      const rows = pooled.get(layer) ?? new Float32Array();
      const centroid = new CentroidAccumulator(model.config.hiddenSize);
      for (let at = 0; at < rows.length; at += model.config.hiddenSize) {
        centroid.add(rows.subarray(at, at + model.config.hiddenSize));
      }
      return centroid.mean();
    });
  };
  const [ofHarmful, ofSafe] = [await centroids(onHarmful), await centroids(onSafe)];
  return layers.map((layer) =>
    meanDifference(ofHarmful[layer] ?? new Float64Array(), ofSafe[layer] ?? new Float64Array()),
  );
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const reference = await read('float32');
const rows: (string | number)[][] = [];
const variants: readonly (readonly [Precision, BlockSize?])[] = [
  ['float16'],
  ['q8', 32],
  ['q8', 64],
  ['int8'],
  ['q4', 32],
  ['q4', 64],
];
for (const [precision, blockSize] of variants) {
  const { logits, directions } = await read(precision, blockSize);
  const pairs = reference.logits.map((p, index) => [p, logits[index] ?? new Float32Array()] as const);
  const cosines = directions.map((direction, layer) => cosine(direction, reference.directions[layer] ?? direction));
  const meanCosine = mean(cosines);
  rows.push([
    blockSize === undefined ? precision : `${precision}, blocks of ${blockSize}`,
    mean(pairs.map(([p, q]) => klDivergence(p, q))).toExponential(2),
    `${(100 * mean(pairs.map(([p, q]) => top1Agreement(p, q, p.length)))).toFixed(1)} %`,
    Math.min(...cosines).toFixed(5),
    meanCosine.toFixed(5),
  ]);
}
printTable(
  `${name} on WASM against its float32, ${harmful.length} harmful and ${safe.length} safe prompts`,
  [
    'precision',
    'logit KL, nats, mean',
    'same top token',
    'cosine of the general direction, worst layer',
    'mean of layers',
  ],
  rows,
);
process.exit();
