/** Estimates what an extraction will cost, from one checkpoint's config, headers and tokenizer, and from what is stored already. */
import { LabError } from '../../core/errors.ts';
import type { DeviceReport } from '../../engine/device/device-report.ts';
import { checkLayers, checkPrompts } from '../../engine/run/prompt-batches.ts';
import { StreamedCheckpoint } from '../../engine/streamed/streamed-checkpoint.ts';
import type { ActivationStore } from './activation-store.ts';
import type { CheckpointOpener } from '../models/checkpoint-opener.ts';
import type { ReadPromptSet } from './extraction-prompts.ts';
import type { ExtractionPlan, ExtractionRequest, LayerChoice } from './extraction-messages.ts';
import type { SourceRef } from '../models/checkpoint-ref.ts';
import { missingSets, tokenise, type LadderPromptSet, type PinnedCheckpoint } from './ladder-units.ts';
import { storedDefaults } from '../steer/model-source.ts';

const FLOAT32_BYTES = 4;
const SMALL_MODEL_BYTES = 100e6; // below this, one WASM thread is fastest: distributing work costs more than it saves

export interface PlanParts {
  readonly opener: CheckpointOpener;
  readonly device: DeviceReport;
  readonly store: ActivationStore;
}

/**
 * Reads the first checkpoint's config, headers and tokenizer, but no weights.
 * @throws LabError when the extraction cannot run as requested
 */
export async function planExtraction(
  request: ExtractionRequest,
  promptSets: readonly ReadPromptSet[],
  { opener, device, store }: PlanParts,
): Promise<ExtractionPlan> {
  const [first] = request.checkpoints;
  if (first === undefined) {
    throw new LabError('bad-request', 'No checkpoints are selected.', 'Pick the ladder’s checkpoints first.');
  }
  if (promptSets.length === 0) {
    throw new LabError('bad-request', 'No prompt set is selected.', 'Choose one, or a file of your own.');
  }
  const provider = device.auto;
  if (request.precision === 'float16' && (provider !== 'webgpu' || device.webgpu?.shaderF16 !== true)) {
    throw new LabError('bad-request', 'This device does not support float16.', 'Extract in float32.');
  }
  const sample = await opener.open(first);
  const weights = await StreamedCheckpoint.open(sample.files);
  const { layers: modelLayers, hiddenSize } = weights.config;
  const layers = layersOf(request.layers, modelLayers);
  checkLayers(layers, modelLayers);
  const prompts = await tokenise(sample.files, promptSets);
  checkPrompts(prompts, weights.contextLength);
  const { precision, pooling } = request;
  const plan = await weights.plan(prompts, layers, { provider, precision, hasStore: true });
  const isWhole = first.kind === 'built-in'; // these files are small and read whole
  const stored = await storedUnits(request.checkpoints, sample, opener, (commit) =>
    missingSets(store, { promptSets, layers, pooling, precision }, commit),
  );
  const missing = request.checkpoints.length * promptSets.length - stored.units;
  const rowsOf = (sets: readonly LadderPromptSet[]): number => sets.reduce((sum, { texts }) => sum + texts.length, 0);
  return {
    request: { ...request, layers },
    sample: sample.files.label,
    checkpoints: request.checkpoints.length,
    promptSets: promptSets.map(({ name, texts, report }) => ({ name, prompts: texts.length, report })),
    tokens: prompts.reduce((sum, { length }) => sum + length, 0),
    modelLayers,
    bytesToFetch: isWhole ? plan.checkpointBytes : plan.bytesToFetch,
    checkpointBytes: plan.checkpointBytes,
    units: request.checkpoints.length * promptSets.length,
    unitsStored: stored.units,
    checkpointsLeft: request.checkpoints.length - stored.checkpoints,
    resultBytes: (missing / promptSets.length) * rowsOf(promptSets) * layers.length * hiddenSize * FLOAT32_BYTES,
    flops: plan.flops,
    peak: plan.peak,
    provider,
    threads: plan.checkpointBytes < SMALL_MODEL_BYTES ? 1 : device.wasmThreads,
    hasFloat16: device.auto === 'webgpu' && device.webgpu?.shaderF16 === true,
  };
}

function layersOf(choice: LayerChoice, count: number): readonly number[] {
  if (choice === 'study') return [storedDefaults(count).steeringLayer];
  if (choice === 'all') return Array.from({ length: count }, (_, layer) => layer);
  if (choice.length > 0) return [...new Set(choice)].sort((a, b) => a - b);
  throw new LabError('bad-request', 'No layers are selected.', 'Enter one, such as 15, or several, such as 3, 7, 15.');
}

/** How many units and checkpoints are stored, counting only checkpoints whose commit is known without a request to the Hub. */
async function storedUnits(
  places: readonly SourceRef[],
  sample: PinnedCheckpoint,
  opener: CheckpointOpener,
  missingOn: (commit: string) => Promise<readonly LadderPromptSet[]>,
): Promise<{ readonly units: number; readonly checkpoints: number }> {
  let [units, checkpoints] = [0, 0];
  const sets = (await missingOn('')).length; // nothing is stored under an empty commit
  for (const [index, place] of places.entries()) {
    const commit = index === 0 ? sample.commit : await knownCommit(place, opener);
    const missing = commit === null ? sets : (await missingOn(commit)).length;
    units += sets - missing;
    if (missing === 0) checkpoints++;
  }
  return { units, checkpoints };
}

async function knownCommit(place: SourceRef, opener: CheckpointOpener): Promise<string | null> {
  if (place.kind === 'hub') return place.commit;
  return place.kind === 'built-in' ? (await opener.open(place)).commit : null;
}
