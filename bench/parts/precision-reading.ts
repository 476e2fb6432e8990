/** The results and speed of a checkpoint in one precision. */
import { CentroidAccumulator } from '../../src/core/linalg/centroids.ts';
import { meanDifference } from '../../src/core/probes/directions.ts';
import { relativeL2 } from '../../src/core/linalg/vectors.ts';
import { openCheckpoint, type Checkpoint } from '../../src/engine/checkpoint/checkpoint.ts';
import type { CheckpointFiles } from '../../src/engine/checkpoint/checkpoint-files.ts';
import type { Precision } from '../../src/engine/graph/precisions.ts';
import type { OlmoModel } from '../../src/engine/run/model.ts';
import type { Runtime } from '../../src/engine/device/runtime.ts';
import type { BlockSize } from '../../src/formats/weights/quantised-blocks.ts';
import { encodePrompt } from '../../src/labs/steer/category-directions.ts';
import { median } from './table.ts';

export interface Variant {
  readonly precision: Precision;
  readonly blockSize?: BlockSize;
}

export const VARIANTS: readonly Variant[] = [
  { precision: 'float16' },
  { precision: 'q8', blockSize: 32 },
  { precision: 'q8', blockSize: 64 },
  { precision: 'int8' },
  { precision: 'q4-mixed', blockSize: 32 },
  { precision: 'q4-mixed', blockSize: 64 },
  { precision: 'q4', blockSize: 32 },
  { precision: 'q4', blockSize: 64 },
];

export const variantName = ({ precision, blockSize }: Variant): string =>
  blockSize === undefined ? precision : `${precision}-${blockSize}`;

const LAST_TOKENS = 16; // tokens at the end of a prompt whose logits are compared
const BATCH = 8; // prompts that are also run as a batch
const DECODE = { tokens: 16, rounds: 5 } as const;

export interface PrecisionReading {
  readonly weightBytes: number; // weights of the graph, without the embedding table
  readonly logits: readonly (readonly Float32Array[])[]; // [prompts][last tokens] of [vocab], last token first
  readonly residuals: readonly (readonly Float32Array[])[]; // [prompts][layers] of [tokens, hidden]
  readonly directions: readonly Float64Array[]; // [layers]: harmful minus safe, at the last token
  readonly hiddenSize: number;
  readonly batchDifference: number; // largest relative L2 difference of a prompt's logits in a batch and alone
  readonly prefillPerSecond: number; // tokens per second over whole prompts, one prompt at a time
  readonly decodePerSecond: number; // tokens per second of one row
}

interface Texts {
  readonly harmful: readonly string[];
  readonly safe: readonly string[];
}

export class PrecisionReader {
  readonly #files: CheckpointFiles;
  readonly #runtime: Runtime;
  readonly #texts: Texts;

  constructor(files: CheckpointFiles, runtime: Runtime, texts: Texts) {
    this.#files = files;
    this.#runtime = runtime;
    this.#texts = texts;
  }

  async read(variant: Variant): Promise<PrecisionReading> {
    const checkpoint = await openCheckpoint(this.#files, this.#runtime, variant);
    const { model } = checkpoint;
    const harmful = encode(checkpoint, this.#texts.harmful);
    const all = [...harmful, ...encode(checkpoint, this.#texts.safe)];
    await forward(model, all[0] ?? [0]); // the first run compiles
    const start = performance.now();
    const alone: Run[] = [];
    for (const prompt of all) alone.push(await forward(model, prompt));
    const seconds = (performance.now() - start) / 1000;
    const logits = alone.map((run) => run.logits);
    const reading: PrecisionReading = {
      logits,
      weightBytes: model.weightBytes,
      hiddenSize: model.config.hiddenSize,
      residuals: alone.map((run) => run.residuals),
      directions: directionsOf(model, alone, harmful.length),
      batchDifference: await batchDifference(
        model,
        all,
        logits.map(([last]) => last ?? new Float32Array()),
      ),
      prefillPerSecond: all.reduce((sum, { length }) => sum + length, 0) / seconds,
      decodePerSecond: await decodePerSecond(model, all[0] ?? [0]),
    };
    await model.dispose();
    return reading;
  }
}

function encode({ tokenizer }: Checkpoint, texts: readonly string[]): number[][] {
  const template = tokenizer.hasChatTemplate ? 'chat' : 'raw';
  return texts.map((text) => encodePrompt(tokenizer, text, template));
}

interface Run {
  readonly logits: readonly Float32Array[]; // [last tokens] of [vocab], last token first
  readonly residuals: readonly Float32Array[]; // [layers] of [tokens, hidden]
}

async function forward(model: OlmoModel, prompt: readonly number[]): Promise<Run> {
  const { layers, vocabSize } = model.config;
  const { logits, residuals } = await model.forward({
    ids: [prompt],
    cache: null,
    logits: 'all',
    residuals: Array.from({ length: layers }, (_, layer) => layer),
  });
  const tokens = Math.min(LAST_TOKENS, prompt.length);
  const at = (back: number): Float32Array =>
    (logits ?? new Float32Array()).slice((prompt.length - 1 - back) * vocabSize, (prompt.length - back) * vocabSize);
  return { logits: Array.from({ length: tokens }, (_, back) => at(back)), residuals: [...residuals.values()] };
}

function directionsOf(
  { config: { layers, hiddenSize } }: OlmoModel,
  runs: readonly { readonly residuals: readonly Float32Array[] }[],
  harmful: number,
): Float64Array[] {
  return Array.from({ length: layers }, (_, layer) => {
    const [ofHarmful, ofSafe] = [new CentroidAccumulator(hiddenSize), new CentroidAccumulator(hiddenSize)];
    for (const [index, { residuals }] of runs.entries()) {
      const last = (residuals[layer] ?? new Float32Array()).subarray(-hiddenSize);
      (index < harmful ? ofHarmful : ofSafe).add(last);
    }
    return meanDifference(ofHarmful.mean(), ofSafe.mean());
  });
}

async function batchDifference(
  model: OlmoModel,
  prompts: readonly (readonly number[])[],
  alone: readonly Float32Array[],
): Promise<number> {
  const { vocabSize } = model.config;
  const ids = prompts.slice(0, BATCH);
  const { logits } = await model.forward({ ids, cache: null, logits: 'last', residuals: [] });
  const differences = alone
    .slice(0, BATCH)
    .map((row, index) =>
      relativeL2((logits ?? new Float32Array()).subarray(index * vocabSize, (index + 1) * vocabSize), row),
    );
  return Math.max(...differences);
}

/** The median of a few rounds, each with a prompt and then single tokens. */
async function decodePerSecond(model: OlmoModel, prompt: readonly number[]): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round < DECODE.rounds; round++) {
    const cache = model.createCache(1, prompt.length + DECODE.tokens + 1);
    await model.forward({ ids: [prompt], cache, logits: 'none', residuals: [] });
    const start = performance.now();
    for (let i = 0; i < DECODE.tokens; i++) await model.forward({ ids: [[5]], cache, logits: 'last', residuals: [] });
    rates.push((1000 * DECODE.tokens) / (performance.now() - start));
    cache.dispose();
  }
  return median(rates);
}
