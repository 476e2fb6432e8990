import type { CheckpointSummary, DeviceReport, Provider, ProviderChoice, Stage } from '../../workers/api.ts';
import { formatCount } from './units.ts';

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
