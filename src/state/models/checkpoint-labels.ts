import type { ModelRef } from '../../labs/models/checkpoint-ref.ts';
import type { Provider, ProviderChoice } from '../../engine/device/device-report.ts';
import type { CheckpointSummary } from '../../labs/steer/steer-messages.ts';
import type { DeviceReport } from '../../engine/device/device-report.ts';
import type { Stage } from '../../formats/ladders/ladder.ts';
import type { ModelChoice } from '../steer/open-model.svelte.ts';
import type { SavedModel } from './saved-models.svelte.ts';
import { shownText } from '../../core/text/visible-text.ts';
import { formatCount } from '../page/number-format.ts';

const STAGE_LABELS: Readonly<Record<Stage, string>> = {
  init: 'Initialisation',
  pretraining: 'Pretraining',
  'mid-training': 'Mid-training',
  'long-context': 'Long context',
  sft: 'SFT',
  dpo: 'DPO',
  instruct: 'Instruct',
};

export interface CheckpointGroup {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

/** The ladder's checkpoints for a list, by stage, in the order of training. */
export function checkpointGroups(checkpoints: readonly CheckpointSummary[]): readonly CheckpointGroup[] {
  const stages = Object.keys(STAGE_LABELS) as readonly Stage[];
  return stages.flatMap((stage) => {
    const members = checkpoints.filter((checkpoint) => checkpoint.stage === stage);
    if (members.length === 0) return [];
    const options = members.map(({ revision, tokensSeen }) => ({
      value: revision,
      label: tokensSeen === 0 ? revision : `${revision}, ${formatCount(tokensSeen)} tokens`,
    }));
    return [{ label: STAGE_LABELS[stage], options }];
  });
}

/** A stored model among a ladder's revisions, which hold no colon. */
const STORED = 'stored:';

export const storedValue = (name: string): string => STORED + name;

/** What a value of the list stands for. */
export function choiceOf(value: string): ModelChoice {
  return value.startsWith(STORED)
    ? { kind: 'saved', name: value.slice(STORED.length) }
    : { kind: 'built-in', revision: value };
}

/** The models of this browser for a list; a chosen one is listed even where it is not there. */
export function storedGroup(models: readonly SavedModel[], chosen: string | null): readonly CheckpointGroup[] {
  const options = models.map(({ name, label, precision }) => ({
    value: storedValue(name),
    label: precision === null ? shownText(label) : `${shownText(label)}, ${precision}`,
  }));
  const isListed = chosen === null || models.some(({ name }) => name === chosen);
  const listed = isListed ? options : [...options, { value: storedValue(chosen), label: chosen }];
  return listed.length === 0 ? [] : [{ label: 'Saved in this browser', options: listed }];
}

/** The beginning of the name of a file that belongs to a model. */
export function fileStem(source: ModelRef): string {
  return source.kind === 'built-in' ? `${source.ladder}-${source.revision}` : source.name;
}

export function providerLabel(provider: Provider, threads: number): string {
  if (provider === 'webgpu') return 'WebGPU';
  return `WASM, ${threads === 1 ? '1 thread' : `${threads} threads`}`;
}

/** What can be chosen to run on; what this browser lacks is listed and cannot be chosen. */
export function providerOptions(
  device: DeviceReport | null,
): readonly { readonly value: ProviderChoice; readonly label: string; readonly disabled: boolean }[] {
  const auto = device === null ? 'Automatic' : `Automatic: ${device.auto === 'webgpu' ? 'WebGPU' : 'WASM'}`;
  const missing = device !== null && device.webgpu === null;
  const software = device?.webgpu?.software === true;
  return [
    { value: 'auto', label: auto, disabled: false },
    {
      value: 'webgpu',
      label: `WebGPU${missing ? ' (none here)' : software ? ' (in software)' : ''}`,
      disabled: missing,
    },
    { value: 'wasm', label: 'WASM', disabled: false },
  ];
}
