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

/** Bytes that a token takes in an MLP: gate, its sigmoid, up, their products; input and residual. */
const mlpBytes = ({ hiddenSize, intermediateSize }: OlmoConfig): number => 4 * (4 * intermediateSize + 2 * hiddenSize);

/** Bytes that a place in a row of `width` takes in attention, whose scores are one a head and position. */
const attentionBytes = ({ hiddenSize, heads, kvHeads, headDim }: OlmoConfig, width: number): number =>
  4 * (3 * (heads + 2 * kvHeads) * headDim + 2 * hiddenSize + heads * width);

/** Bytes that one run takes at its peak. */
export function runBytes(config: OlmoConfig, { tokens, width, indices }: PromptBatch): number {
  return Math.max(mlpBytes(config) * tokens, attentionBytes(config, width) * indices.length * width);
}

/** Prompts in batches by length, each of which fits into one run. `runTokens` overrides the budget of tokens. */
export function runBatches(
  config: OlmoConfig,
  prompts: readonly (readonly number[])[],
  runTokens?: number,
): PromptBatch[] {
  const longest = prompts.reduce((width, { length }) => Math.max(width, length), 1);
  const affordable = (bytesEach: number): number => Math.min(MAX_RUN_TOKENS, Math.floor(RUN_BYTES / bytesEach));
  const tokens = runTokens ?? affordable(mlpBytes(config));
  const places = runTokens ?? affordable(attentionBytes(config, longest));
  return batchesByLength(prompts, { rows: Infinity, tokens, places });
}

/** Bytes of the residuals of all batches between two layers. */
export function residualBytes({ hiddenSize }: OlmoConfig, batches: readonly PromptBatch[]): number {
  return 4 * hiddenSize * computedTokens(batches);
}

export function computedTokens(batches: readonly PromptBatch[]): number {
  return batches.reduce((sum, { tokens }) => sum + tokens, 0);
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
