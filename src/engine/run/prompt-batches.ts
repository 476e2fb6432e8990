/** What every extraction asks for, its checks, and which prompts run together. */
import { highest } from '../../core/statistics/min-max.ts';
import { LabError } from '../../core/errors.ts';
import { pool, type Pooling } from '../../core/probes/pooling.ts';

/** Throws `bad-request` where a layer is none of the model's. */
export function checkLayers(layers: readonly number[], count: number): void {
  const bad = layers.find((layer) => !Number.isInteger(layer) || layer < 0 || layer >= count);
  if (bad === undefined) return;
  throw new LabError('bad-request', `There is no layer ${bad}.`, `Choose one from 0 to ${count - 1}.`);
}

/** Throws where a prompt is empty or longer than `room` tokens; names it by its number, from 1. */
export function checkPrompts(prompts: readonly (readonly number[])[], room: number): void {
  for (const [index, { length }] of prompts.entries()) {
    if (length === 0)
      throw new LabError('bad-request', `Prompt ${index + 1} has no tokens.`, 'Remove it or give it text.');
    if (length > room) {
      const problem = `Prompt ${index + 1} has ${length} tokens; this model has room for ${room}.`;
      throw new LabError('context-length', problem, 'Shorten it.');
    }
  }
}

/** Prompts that run together, padded on the right to `width`. */
export interface PromptBatch {
  readonly indices: readonly number[]; // which prompt each row is
  readonly lengths: readonly number[]; // tokens of each row
  readonly width: number; // of the longest row
}

export interface BatchLimits {
  readonly rows: number;
  readonly tokens: number; // padded: rows · longest row; one row alone may exceed it
}

/** Prompts of like length together, so that little is padded. */
export function batchesByLength(prompts: readonly (readonly number[])[], { rows, tokens }: BatchLimits): PromptBatch[] {
  const order = prompts.map((_, index) => index);
  const lengthOf = (index: number): number => prompts[index]?.length ?? 0;
  order.sort((a, b) => lengthOf(a) - lengthOf(b) || a - b);
  const batches: number[][] = [];
  let batch: number[] = [];
  for (const index of order) {
    const isFull = batch.length >= rows || (batch.length + 1) * lengthOf(index) > tokens;
    if (isFull && batch.length > 0) {
      batches.push(batch);
      batch = [];
    }
    batch.push(index);
  }
  if (batch.length > 0) batches.push(batch);
  return batches.map((indices) => {
    const lengths = indices.map(lengthOf);
    return { indices, lengths, width: highest(lengths) };
  });
}

/** Pools each row of `values` [rows, width, hidden], padding left out, into its prompt's row of `out` [prompts, hidden]. */
export function poolBatch(
  values: Float32Array,
  { indices, lengths, width }: PromptBatch,
  hidden: number,
  pooling: Pooling,
  out: Float32Array,
): void {
  for (const [row, index] of indices.entries()) {
    const start = row * width * hidden;
    const tokens = lengths[row] ?? 0;
    const positions = values.subarray(start, start + tokens * hidden); // [tokens, hidden]
    out.set(pool(positions, tokens, hidden, pooling), index * hidden);
  }
}
