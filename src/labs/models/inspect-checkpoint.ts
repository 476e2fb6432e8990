/** What a checkpoint is and how it would fit this device, from its listing and its config.json alone. */
import type { ExternalRef } from './checkpoint-ref.ts';
import { requireJson } from '../../engine/checkpoint/checkpoint-files.ts';
import { CheckpointTensors } from '../../engine/checkpoint/checkpoint-tensors.ts';
import { parseConfig } from '../../engine/checkpoint/config.ts';
import type { DeviceReport } from '../../engine/device/device-report.ts';
import { advisePrecision } from '../../engine/device/precision-choice.ts';
import type { CheckpointInspection } from './models-messages.ts';
import type { OpenedFiles } from './open-checkpoint-files.ts';

const WEIGHTS = /\.safetensors$/;
const ROWS = 2; // the unsteered and the steered answer

/** @throws LabError `not-found` or `config`, naming the file and the key, when Harmscope cannot run the checkpoint */
export async function inspectCheckpoint(
  { files, ref, listing }: OpenedFiles<ExternalRef>,
  device: DeviceReport,
  memoryBytes: number | null,
): Promise<CheckpointInspection> {
  const config = parseConfig(await requireJson(files, 'config.json'), `config.json of ${files.label}`);
  const weights = listing.filter(({ path }) => WEIGHTS.test(path));
  if (weights.length === 0) await CheckpointTensors.open(files); // throws an error that says what the checkpoint contains instead
  const weightBytes = weights.reduce((sum, { bytes }) => sum + bytes, 0);
  const { family, layers, hiddenSize, heads, kvHeads, vocabSize, contextLength, tiedEmbeddings } = config;
  const provider = device.auto;
  return {
    label: files.label,
    address: ref,
    config: { family, layers, hiddenSize, heads, kvHeads, vocabSize, contextLength, tiedEmbeddings },
    files: listing,
    weightBytes,
    hasTokenizer: listing.some(({ path }) => path === 'tokenizer.json'),
    provider,
    advice: advisePrecision({ config, device, provider, memoryBytes, checkpointBytes: weightBytes, rows: ROWS }),
  };
}
