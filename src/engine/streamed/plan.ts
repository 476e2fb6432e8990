/** What a streamed extraction will cost, known from the headers alone, before a weight is fetched. */
import { highest } from '../../core/statistics/min-max.ts';
import type { LocatedTensor } from '../checkpoint/checkpoint-tensors.ts';
import type { OlmoConfig } from '../checkpoint/config.ts';
import type { Provider } from '../device/device-report.ts';
import type { PromptBatch } from '../run/prompt-batches.ts';
import { LabError } from '../../core/errors.ts';
import { totalBytes } from './byte-ranges.ts';
import { embeddingRanges } from './embedding-rows.ts';
import { STAGES_PER_LAYER, stageWeights, type StreamedPrecision } from './stage-graph.ts';
import { stageRequests } from './stage-reader.ts';
import { computedTokens, residualBytes, residualPlace, runBatches, runBytes } from './run-budget.ts';

export interface StreamedPlan {
  readonly layers: number; // that run: 0 up to the largest asked for
  readonly bytesToFetch: number;
  readonly checkpointBytes: number; // of its weight files
  readonly share: number; // bytesToFetch / checkpointBytes
  readonly requests: number;
  readonly runs: number; // of each layer
  readonly flops: number; // floating-point operations, a multiply-add being two
  readonly peak: PeakMemory;
}

/** Bytes at the peak; an estimate, since ONNX Runtime and the garbage collector have their own ways. */
export interface PeakMemory {
  readonly weights: number; // of the stage that runs, on WASM with their copy in the heap
  readonly fetched: number; // raw bytes of the next stage
  readonly residuals: number; // held between layers
  readonly run: number; // of what one run computes
  readonly total: number;
}

export interface PlanOptions {
  readonly provider?: Provider; // WASM by default
  readonly precision?: StreamedPrecision; // float32 by default
  readonly hasStore?: boolean; // to which residuals go that are too many for memory
}

export const EMBEDDINGS = 'model.embed_tokens.weight';

/** `tensors` are all of the checkpoint's, of every shard. Throws where one that is needed is missing, or a token is unknown. */
export function planStreamed(
  config: OlmoConfig,
  tensors: readonly LocatedTensor[],
  prompts: readonly (readonly number[])[],
  layers: readonly number[],
  options: PlanOptions = {},
): StreamedPlan {
  const byName = new Map(tensors.map((tensor) => [tensor.entry.name, tensor]));
  const located = (name: string): LocatedTensor => {
    const tensor = byName.get(name);
    if (tensor !== undefined) return tensor;
    const nextStep = 'Its weights do not belong to its config.json: fetch the checkpoint again.';
    throw new LabError('format', `The checkpoint has no tensor ${name}.`, nextStep);
  };
  const count = Math.max(-1, highest(layers)) + 1;
  const perStage = Array.from({ length: STAGES_PER_LAYER * count }, (_, stage) =>
    stageRequests(stageWeights(config, stage).map(({ tensor }) => located(tensor))).map(({ range }) => range),
  );
  const requests = [...embeddingRanges(located(EMBEDDINGS).entry, prompts), ...perStage.flat()];
  const bytesToFetch = totalBytes(requests);
  const files = new Map(tensors.map(({ source }) => [source.name, source.byteLength]));
  const checkpointBytes = [...files.values()].reduce((sum, bytes) => sum + bytes, 0);
  const batches = runBatches(config, prompts);
  return {
    layers: count,
    bytesToFetch,
    checkpointBytes,
    share: bytesToFetch / checkpointBytes,
    requests: requests.length,
    runs: batches.length,
    flops: count * layerFlops(config, batches),
    peak: peakMemory(config, batches, Math.max(0, highest(perStage.map(totalBytes))), options),
  };
}

/** Floating-point operations of one layer over all batches, as they run: in attention every place of the padded rows attends to every one. */
export function layerFlops(config: OlmoConfig, batches: readonly PromptBatch[]): number {
  const { heads, headDim } = config;
  const attention = batches.reduce((sum, { indices, width }) => sum + indices.length * width ** 2, 0);
  const [inAttention, inMlp] = matrixWeights(config);
  return 2 * (inAttention + inMlp) * computedTokens(batches) + 4 * heads * headDim * attention;
}

/** Weights of the matrices of a layer's two stages. */
function matrixWeights(config: OlmoConfig): [attention: number, mlp: number] {
  const count = (stage: number): number =>
    stageWeights(config, stage)
      .filter(({ shape }) => shape.length === 2)
      .reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  return [count(0), count(1)];
}

function peakMemory(
  config: OlmoConfig,
  batches: readonly PromptBatch[],
  fetched: number,
  { provider = 'wasm', precision = 'float32', hasStore = false }: PlanOptions,
): PeakMemory {
  const stages = matrixWeights(config).map((count) => count * (precision === 'float16' ? 2 : 4));
  // On WASM one stage's, ours and their copy in the heap; on the GPU room for both stages' stays.
  const weights = provider === 'wasm' ? 2 * highest(stages) : stages.reduce((sum, bytes) => sum + bytes, 0);
  const all = residualBytes(config, batches);
  const largest = Math.max(0, highest(batches.map((batch) => residualBytes(config, [batch]))));
  const residuals = residualPlace(all, provider === 'webgpu', hasStore) === 'store' ? 2 * largest : all + largest;
  const run = Math.max(0, highest(batches.map((batch) => runBytes(config, batch))));
  return { weights, fetched, residuals, run, total: weights + fetched + residuals + run };
}
