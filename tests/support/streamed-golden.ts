/** A golden checkpoint with prompts, what streaming it gives, and which of its tensors were read. */
import type { CheckpointFiles } from '../../src/engine/checkpoint/checkpoint-files.ts';
import { openNodeRuntime } from '../../src/engine/device/runtime.node.ts';
import { extractStreamed } from '../../src/engine/streamed/extract-streamed.ts';
import type { StreamedRequest } from '../../src/engine/streamed/streamed-request.ts';
import { readSafetensorsHeader, type TensorEntry } from '../../src/formats/bytes/safetensors.ts';
import { unequalPrompts } from '../parity/streamed-case.ts';
import { goldenFiles } from './checkpoint-fixtures.ts';
import type { ReadRange } from './counting-files.ts';

export const runtime = openNodeRuntime(1);
export const RUN_TOKENS = 64; // several batches
export const TIMEOUT = 60_000; // ms; whole extractions, on a machine that may be busy
export const LAST = 4; // layer of the fixture olmo3

export interface StreamedGolden {
  readonly files: CheckpointFiles;
  readonly entries: readonly TensorEntry[]; // of its one file of weights
  readonly request: StreamedRequest;
  readonly whole: ReadonlyMap<number, Float32Array>; // what an undisturbed extraction gives
}

export async function openStreamedGolden(): Promise<StreamedGolden> {
  const files = await goldenFiles('olmo3');
  const source = await files.open('model.safetensors');
  if (source === null) throw new Error('the golden has no weights');
  const { tensors } = await readSafetensorsHeader(source);
  const request = { prompts: unequalPrompts(120), layers: [1, LAST], pooling: 'mean' } as const;
  const whole = await extractStreamed(files, runtime, request, { runTokens: RUN_TOKENS });
  return { files, entries: [...tensors.values()], request, whole };
}

/** Names of the tensors that the ranges touch. */
export function touchedTensors({ entries }: StreamedGolden, reads: readonly ReadRange[]): Set<string> {
  const ranges = reads.filter(({ file }) => file === 'model.safetensors');
  const isTouched = (entry: TensorEntry): boolean =>
    ranges.some(({ start, end }) => start < entry.end && end > entry.start);
  return new Set(entries.filter(isTouched).map(({ name }) => name));
}

/** Layers of tensors; what belongs to none stays under its own name. */
export function layersOf(names: ReadonlySet<string>): Set<string> {
  return new Set([...names].map((name) => /^model\.layers\.(\d+)\./.exec(name)?.[1] ?? name));
}

/** Attention of layer l is stage 2l, its MLP 2l + 1. Norms do not count: they lie between the two, and may be fetched along. */
export function stagesOf(names: ReadonlySet<string>): Set<number> {
  return new Set(
    [...names].flatMap((name) => {
      const [, layer, part] = /^model\.layers\.(\d+)\.(self_attn|mlp)\./.exec(name) ?? [];
      return layer === undefined ? [] : [2 * Number(layer) + (part === 'mlp' ? 1 : 0)];
    }),
  );
}
