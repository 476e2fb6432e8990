/** Residual activations of many prompts, pooled: what directions and probes are made of. */
import { LabError } from '../core/errors.ts';
import { pool, type Pooling } from '../core/pooling.ts';
import { yieldToEventLoop } from './event-loop.ts';
import type { OlmoModel } from './model.ts';

const BATCH_TOKENS = 1024; // padded tokens a run: wide enough for the matrix products, small enough to interrupt
const BATCH_ROWS = 64;

export interface ExtractionRequest {
  readonly prompts: readonly (readonly number[])[]; // token ids
  readonly layers: readonly number[];
  readonly pooling: Pooling;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void; // in prompts
}

/** layer → [prompts, hidden], row-major, in the prompts' order. Throws `interrupted` where the signal fires. */
export async function extractResiduals(
  model: OlmoModel,
  request: ExtractionRequest,
): Promise<ReadonlyMap<number, Float32Array>> {
  const { prompts, layers, pooling } = request;
  const { hiddenSize } = model.config;
  checkLayers(model, layers);
  checkPrompts(model, prompts);
  const pooled = new Map(layers.map((layer) => [layer, new Float32Array(prompts.length * hiddenSize)]));
  let done = 0;
  for (const batch of batchesByLength(prompts)) {
    await yieldToEventLoop();
    if (request.signal?.aborted) throw new LabError('interrupted', 'The extraction was stopped.', 'Start it again.');
    const ids = batch.map((index) => prompts[index] ?? []);
    const { residuals, width } = await model.forward({ ids, cache: null, logits: 'none', residuals: layers });
    for (const [layer, values] of residuals) {
      const out = pooled.get(layer);
      for (const [row, index] of batch.entries()) {
        const start = row * width * hiddenSize;
        const tokens = ids[row]?.length ?? 0;
        const positions = values.subarray(start, start + tokens * hiddenSize); // [tokens, hidden], padding left out
        out?.set(pool(positions, tokens, hiddenSize, pooling), index * hiddenSize);
      }
    }
    done += batch.length;
    request.onProgress?.(done, prompts.length);
  }
  return pooled;
}

function checkLayers({ config }: OlmoModel, layers: readonly number[]): void {
  const bad = layers.find((layer) => !Number.isInteger(layer) || layer < 0 || layer >= config.layers);
  if (bad === undefined) return;
  throw new LabError('bad-request', `There is no layer ${bad}.`, `Choose one from 0 to ${config.layers - 1}.`);
}

function checkPrompts(model: OlmoModel, prompts: readonly (readonly number[])[]): void {
  for (const [index, { length }] of prompts.entries()) {
    if (length === 0)
      throw new LabError('bad-request', `Prompt ${index + 1} has no tokens.`, 'Remove it or give it text.');
    if (length > model.contextLength) {
      throw new LabError(
        'context-length',
        `Prompt ${index + 1} has ${length} tokens; this model has room for ${model.contextLength}.`,
        'Shorten it.',
      );
    }
  }
}

/** Indices of prompts of like length together, so that little is padded. */
function batchesByLength(prompts: readonly (readonly number[])[]): number[][] {
  const order = prompts.map((_, index) => index);
  const lengthOf = (index: number): number => prompts[index]?.length ?? 0;
  order.sort((a, b) => lengthOf(a) - lengthOf(b) || a - b);
  const batches: number[][] = [];
  let batch: number[] = [];
  for (const index of order) {
    const isFull = batch.length >= BATCH_ROWS || (batch.length + 1) * lengthOf(index) > BATCH_TOKENS;
    if (isFull && batch.length > 0) {
      batches.push(batch);
      batch = [];
    }
    batch.push(index);
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
