/** What every extraction asks for, its checks, and which prompts run together. */
import { LabError } from '../../core/errors.ts';
import { pool, type Pooling } from '../../core/probes/pooling.ts';
import { packRows, rowValues, sharedStart, type Packing } from './packing.ts';

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

/** Prompts that run together; what all of them begin with is computed once. */
export interface PromptBatch extends Packing {
  readonly indices: readonly number[]; // which prompt each row is
}

export interface BatchLimits {
  readonly rows: number;
  readonly tokens: number; // that are computed; one row alone may exceed it
  readonly places?: number; // of attention: rows · longest row
}

/** Prompts of like length together, so that little is padded. */
export function batchesByLength(
  prompts: readonly (readonly number[])[],
  { rows, tokens, places = Infinity }: BatchLimits,
): PromptBatch[] {
  const order = prompts.map((_, index) => index);
  const lengthOf = (index: number): number => prompts[index]?.length ?? 0;
  order.sort((a, b) => lengthOf(a) - lengthOf(b) || a - b);
  const shared = sharedStart(prompts);
  const batches: number[][] = [];
  let batch: number[] = [];
  for (const index of order) {
    const [next, own] = [batch.length + 1, lengthOf(index) - shared];
    const isFull = next > rows || shared + next * own > tokens || next * lengthOf(index) > places;
    if (isFull && batch.length > 0) {
      batches.push(batch);
      batch = [];
    }
    batch.push(index);
  }
  if (batch.length > 0) batches.push(batch);
  return batches.map((indices) => {
    const start = sharedStart(indices.map((index) => prompts[index] ?? []));
    return { indices, ...packRows(indices.map(lengthOf), start) };
  });
}

/** Pools each row of `values` [tokens, hidden] into its prompt's row of `out` [prompts, hidden]. */
export function poolBatch(
  values: Float32Array,
  batch: PromptBatch,
  hidden: number,
  pooling: Pooling,
  out: Float32Array,
): void {
  for (const [row, index] of batch.indices.entries()) {
    const tokens = batch.lengths[row] ?? 0;
    out.set(pool(rowValues(values, batch, row, hidden), tokens, hidden, pooling), index * hidden);
  }
}
