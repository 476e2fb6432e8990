/** A streamed extraction against a resident one. Runs under Node and in the browser's worker alike. */
import type { Pooling } from '../../src/core/probes/pooling.ts';
import { relativeL2 } from '../../src/core/linalg/vectors.ts';
import type { CheckpointFiles } from '../../src/engine/checkpoint/checkpoint-files.ts';
import { OlmoModel } from '../../src/engine/run/model.ts';
import { extractResiduals } from '../../src/engine/run/residuals.ts';
import type { Runtime } from '../../src/engine/device/runtime.ts';
import { extractStreamed } from '../../src/engine/streamed/extract-streamed.ts';
import type { StreamedOptions } from '../../src/engine/streamed/streamed-request.ts';

export interface LayerDeviation {
  readonly layer: number;
  readonly relativeL2: number;
}

/** Out of order, equal and unequal, longer than the goldens' windows of 4 to 7 tokens and than YaRN's original context of 64. */
const LENGTHS = [5, 1, 40, 13, 13, 2, 71, 24, 8, 5];

/** Prompts of unequal lengths over a vocabulary. */
export function unequalPrompts(vocabSize: number): number[][] {
  return LENGTHS.map((length, row) => Array.from({ length }, (_, i) => (row * 31 + i * i * 7 + 3) % vocabSize));
}

/** How far every layer of the streamed extraction lies from the resident one. */
export async function streamedDeviations(
  files: CheckpointFiles,
  runtime: Runtime,
  pooling: Pooling,
  options: StreamedOptions = { runTokens: 64 }, // so that there are several batches
): Promise<LayerDeviation[]> {
  const model = await OlmoModel.open(files, runtime, { precision: 'float32' });
  const layers = Array.from({ length: model.config.layers }, (_, layer) => layer);
  const prompts = unequalPrompts(model.config.vocabSize);
  const resident = await extractResiduals(model, { prompts, layers, pooling });
  await model.dispose();
  const streamed = await extractStreamed(files, runtime, { prompts, layers, pooling }, options);
  return layers.map((layer) => {
    const [actual, expected] = [streamed.get(layer), resident.get(layer)].map((rows) => rows ?? new Float32Array());
    return { layer, relativeL2: relativeL2(actual ?? new Float32Array(), expected ?? new Float32Array()) };
  });
}
