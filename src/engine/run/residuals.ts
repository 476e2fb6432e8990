/** Residual activations of many prompts, pooled: what directions and probes are made of. */
import { LabError } from '../../core/errors.ts';
import type { Pooling } from '../../core/probes/pooling.ts';
import { yieldToEventLoop } from '../device/event-loop.ts';
import { checkPooled } from './finite-checks.ts';
import type { OlmoModel } from './model.ts';
import { batchesByLength, checkLayers, checkPrompts, poolBatch } from './prompt-batches.ts';

/** Wide enough for the matrix products, small enough to interrupt. */
const BATCH_LIMITS = { rows: 64, tokens: 1024 } as const;

export interface ExtractionRequest {
  readonly prompts: readonly (readonly number[])[]; // token ids
  readonly layers: readonly number[];
  readonly pooling: Pooling;
  readonly mayBeNotFinite?: boolean; // then NaN and infinities are the caller's to find; else they are an error
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void; // in prompts
}

/** layer → [prompts, hidden], row-major, in the prompts' order. Throws `interrupted` where the signal fires, `format` at NaN. */
export async function extractResiduals(
  model: OlmoModel,
  request: ExtractionRequest,
): Promise<ReadonlyMap<number, Float32Array>> {
  const { prompts, layers, pooling } = request;
  const { hiddenSize } = model.config;
  checkLayers(layers, model.config.layers);
  checkPrompts(prompts, model.contextLength);
  const pooled = new Map(layers.map((layer) => [layer, new Float32Array(prompts.length * hiddenSize)]));
  let done = 0;
  for (const batch of batchesByLength(prompts, BATCH_LIMITS)) {
    await yieldToEventLoop();
    if (request.signal?.aborted) throw new LabError('interrupted', 'The extraction was stopped.', 'Start it again.');
    const ids = batch.indices.map((index) => prompts[index] ?? []);
    const residuals = await model.residuals(ids, batch, layers);
    for (const [layer, values] of residuals) {
      const out = pooled.get(layer) ?? new Float32Array();
      poolBatch(values, batch, hiddenSize, pooling, out);
      if (request.mayBeNotFinite !== true) checkPooled(out, batch.indices, hiddenSize, layer);
    }
    done += batch.indices.length;
    request.onProgress?.(done, prompts.length);
  }
  return pooled;
}
