/** A checkpoint opened from wherever it is: out of a built-in ladder, or kept in this browser after a conversion. */
import { asLabError } from '../../core/errors.ts';
import type { CheckpointFiles } from '../../engine/checkpoint/checkpoint-files.ts';
import { openCheckpoint, openConvertedCheckpoint, type Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { StoredModel } from '../../engine/convert/model-folder.ts';
import type { ProviderChoice } from '../../engine/device/device-report.ts';
import type { Runtime } from '../../engine/device/runtime.ts';
import { findCheckpoint, type Ladder, type LadderCheckpoint } from '../../formats/ladders/ladder.ts';
import { attempt } from '../jobs/attempt.ts';
import type { Progress } from './steer-messages.ts';
import { bytesOf } from '../models/ladder-summary.ts';
import { requireStored, storedDefaults, type SteeringDefaults } from './model-source.ts';
import type { ModelRef } from '../models/checkpoint-ref.ts';

export interface ModelParts {
  /** A runtime for a model of so many bytes of weights: small ones run best on one thread. */
  openRuntime(choice: ProviderChoice, weightBytes: number): Promise<Runtime>;
  fetchLadder(id: string): Promise<Ladder>;
  checkpointFiles(
    ladder: Ladder,
    checkpoint: LadderCheckpoint,
    options: { signal: AbortSignal; onProgress: (done: number, total: number, file: string) => void },
  ): CheckpointFiles;
  /** The folder of a model that this browser keeps; null where there is none of that name. */
  storedModel(name: string): Promise<StoredModel | null>;
  /** Notes that a stored model is used now. */
  touchStored(name: string): Promise<void>;
}

export interface OpenedModel {
  readonly checkpoint: Checkpoint;
  readonly defaults: SteeringDefaults;
  readonly digest: string; // of the weights
}

interface OpenControl {
  readonly provider: ProviderChoice;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** Throws errors that name the checkpoint or the file; `not-found` for a ladder, a revision or a model that is not there. */
export function openModel(parts: ModelParts, source: ModelRef, control: OpenControl): Promise<OpenedModel> {
  return source.kind === 'built-in'
    ? openBuiltIn(parts, source.ladder, source.revision, control)
    : openStored(parts, source.name, control);
}

async function openBuiltIn(
  parts: ModelParts,
  id: string,
  revision: string,
  { provider, signal, onProgress }: OpenControl,
): Promise<OpenedModel> {
  const ladder = await parts.fetchLadder(id);
  const entry = findCheckpoint(ladder, revision);
  const files = parts.checkpointFiles(ladder, entry, {
    signal,
    onProgress: (done, total, label) => onProgress({ phase: 'download', done, total, unit: 'bytes', label }),
  });
  const checkpoint = await openOn(parts, provider, bytesOf(entry.files), (runtime) =>
    openCheckpoint(files, runtime, {
      precision: 'float32',
      onProgress: (done, total, label) => onProgress({ phase: 'compile', done, total, unit: 'steps', label }),
    }),
  );
  const digest = entry.files['model.safetensors']?.sha256 ?? checkpoint.label;
  return { checkpoint, defaults: ladder.defaults, digest };
}

async function openStored(
  parts: ModelParts,
  name: string,
  { provider, signal, onProgress }: OpenControl,
): Promise<OpenedModel> {
  const { folder, manifest } = await requireStored(name, await parts.storedModel(name));
  const weightBytes = manifest.weights.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const { label } = manifest;
  const checkpoint = await openOn(parts, provider, weightBytes, (runtime) =>
    openConvertedCheckpoint(folder, runtime, {
      signal,
      onProgress: (done, total) => onProgress({ phase: 'check', done, total, unit: 'bytes', label }),
    }),
  );
  await attempt(() => parts.touchStored(name)); // a model is no worse for a date that was not kept
  return { checkpoint, defaults: storedDefaults(checkpoint.model.config.layers), digest: manifest.identity };
}

/** Opens on the provider chosen; where that was left to the lab and WebGPU refuses, on WASM. */
async function openOn(
  parts: ModelParts,
  choice: ProviderChoice,
  weightBytes: number,
  open: (runtime: Runtime) => Promise<Checkpoint>,
): Promise<Checkpoint> {
  try {
    return await open(await parts.openRuntime(choice, weightBytes));
  } catch (error) {
    const refusal = asLabError(error);
    if (choice !== 'auto' || refusal.code !== 'device') throw error;
    const runtime = await parts.openRuntime('wasm', weightBytes);
    const reason = `WebGPU failed (${refusal.message}), so the model runs on the CPU.`;
    return open({ ...runtime, reason });
  }
}
