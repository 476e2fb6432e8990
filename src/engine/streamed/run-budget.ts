/** How many prompts run together, and where their residuals rest between layers. */
import type { OlmoConfig } from '../checkpoint/config.ts';
import { batchesByLength, type PromptBatch } from '../run/prompt-batches.ts';
import type { ResidualPlace } from './residual-state.ts';

/**
 * Memory that one run may take beside the weights. On WASM every run first copies the layer's weights into the heap (0.8 GB at 7B,
 * about 0.2 s), so runs are as long as memory allows: here some 1,000 tokens at 7B, 6 s on two threads, which an interrupt waits for.
 */
const RUN_BYTES = 400e6;
const MAX_RUN_TOKENS = 8192; // what bounds small models, whose runs would else be too long to interrupt
const MAX_RESIDENT_RESIDUALS = 1e9; // bytes of residuals held in memory, or on the GPU; above, they go to the store

/** Bytes that one token of a run takes at its peak, in a row of `width` tokens. */
export function runBytesPerToken(config: OlmoConfig, width: number): number {
  const { hiddenSize, intermediateSize, heads, kvHeads, headDim } = config;
  const inMlp = 4 * intermediateSize + 2 * hiddenSize; // gate, its sigmoid, up, their products; input and residual
  const inAttention = 3 * (heads + 2 * kvHeads) * headDim + 2 * hiddenSize + heads * width; // scores: one a head and position
  return 4 * Math.max(inMlp, inAttention);
}

/** Prompts in batches by length, each of which fits into one run. `runTokens` overrides the budget of tokens. */
export function runBatches(
  config: OlmoConfig,
  prompts: readonly (readonly number[])[],
  runTokens?: number,
): PromptBatch[] {
  const longest = prompts.reduce((width, { length }) => Math.max(width, length), 1);
  const affordable = Math.floor(RUN_BYTES / runBytesPerToken(config, longest));
  const tokens = runTokens ?? Math.min(MAX_RUN_TOKENS, affordable);
  return batchesByLength(prompts, { rows: Infinity, tokens });
}

/** Bytes of the residuals of all batches between two layers, padding included. */
export function residualBytes({ hiddenSize }: OlmoConfig, batches: readonly PromptBatch[]): number {
  return 4 * hiddenSize * paddedTokens(batches);
}

export function paddedTokens(batches: readonly PromptBatch[]): number {
  return batches.reduce((sum, { indices, width }) => sum + indices.length * width, 0);
}

/** On the GPU or in memory where they fit, else in the store; without a store in memory, whatever it takes. */
export function residualPlace(
  bytes: number,
  hasGpu: boolean,
  hasStore: boolean,
  budget = MAX_RESIDENT_RESIDUALS,
): ResidualPlace {
  if (bytes <= budget) return hasGpu ? 'gpu' : 'memory';
  return hasStore ? 'store' : 'memory';
}
