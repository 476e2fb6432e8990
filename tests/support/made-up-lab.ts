/** A lab over made-up checkpoints and prompts, every part handed in. */
import {
  GrowingDirections,
  type DirectionsSnapshot,
  type GrowthRequest,
} from '../../src/labs/steer/growing-directions.ts';
import { HARM_CATEGORIES } from '../../src/core/categories.ts';
import { openCheckpoint, type Checkpoint } from '../../src/engine/checkpoint/checkpoint.ts';
import type { DeviceReport } from '../../src/engine/device/device-report.ts';
import { openNodeRuntime } from '../../src/engine/device/runtime.node.ts';
import type { Ladder } from '../../src/formats/ladders/ladder.ts';
import type { Prompt } from '../../src/formats/prompts/prompt-set.ts';
import type { KeyValueStore } from '../../src/core/key-value-store.ts';
import type { ModelRef } from '../../src/labs/models/checkpoint-ref.ts';
import type { SteerLab, SteerLabParts } from '../../src/labs/steer/steer-lab.ts';
import type { AnswerRequest, OpenRequest } from '../../src/labs/steer/steer-messages.ts';
import type { SteeringSettings } from '../../src/labs/steer/steering.ts';
import { MADE_UP_CONFIG, madeUpFiles, memoryFiles } from './checkpoint-fixtures.ts';

export const GREEDY = { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1 };

export const settings = (changes: Partial<SteeringSettings> = {}): SteeringSettings => ({
  layer: 1,
  positions: 'all',
  lambdas: {},
  ...changes,
});

/** Four prompts of each class; nothing is asked of their meaning. */
export function madeUpPrompts(split: string): Prompt[] {
  return ['safe', ...HARM_CATEGORIES].flatMap((category) =>
    Array.from({ length: 4 }, (_, i) => ({
      id: `${split}-${category}-${i}`,
      text: `${split} ${category} prompt ${'long '.repeat(i)}`,
      label: category === 'safe' ? ('safe' as const) : ('harmful' as const),
      category,
      split,
    })),
  );
}

export const PROMPT_SETS = { train: madeUpPrompts('train'), test: madeUpPrompts('test'), digest: 'prompts-1' };

export const openMadeUp = (seed = 1): Promise<Checkpoint> =>
  openCheckpoint(memoryFiles(madeUpFiles(MADE_UP_CONFIG, seed)), openNodeRuntime(1), { precision: 'float32' });

const entry = (revision: string): Ladder['checkpoints'][number] => ({
  revision,
  stage: 'instruct',
  step: 1,
  tokensSeen: 10,
  path: revision,
  files: {
    'model.safetensors': { bytes: 100, sha256: `weights of ${revision}` },
    'config.json': { bytes: 20, sha256: 'c' },
  },
});

export const LADDER: Ladder = {
  id: 'made-up',
  name: 'Made up',
  description: 'Random weights.',
  checkpoints: ['A', 'B', 'damaged'].map(entry),
  defaults: { revision: 'A', steeringLayer: 1, directionTemplate: 'raw', pooling: 'last' },
};

export const DEVICE: DeviceReport = {
  webgpu: null,
  wasmThreads: 1,
  crossOriginIsolated: false,
  jspi: false,
  auto: 'wasm',
  reason: 'Node.',
};

export function mapStore(): KeyValueStore & { readonly values: Map<string, unknown> } {
  const values = new Map<string, unknown>();
  return {
    values,
    get: (key) => Promise.resolve(structuredClone(values.get(key))),
    set: (key, value) => {
      values.set(key, structuredClone(value));
      return Promise.resolve();
    },
  };
}

/** Parts that work; a test replaces the one that it is about. */
export function labParts(changes: Partial<SteerLabParts> = {}): SteerLabParts {
  return {
    openRuntime: () => Promise.resolve(openNodeRuntime(1)),
    fetchLadder: () => Promise.resolve(LADDER),
    checkpointFiles: (ladder, { revision }) => {
      const files = madeUpFiles(MADE_UP_CONFIG, revision === 'B' ? 2 : 1);
      const weights = files['model.safetensors'] as Uint8Array;
      const damaged = revision === 'damaged' ? { 'model.safetensors': weights.subarray(0, -5) } : {};
      return memoryFiles({ ...files, ...damaged }, `${ladder.id}@${revision}`);
    },
    storedModel: () => Promise.resolve(null),
    touchStored: () => Promise.resolve(),
    promptSets: { builtIn: () => Promise.resolve(PROMPT_SETS), own: () => Promise.reject(new Error('no such set')) },
    store: mapStore(),
    ...changes,
  };
}

/** The directions from all prompts. */
export async function allDirections(checkpoint: Checkpoint, request: GrowthRequest): Promise<DirectionsSnapshot> {
  const growing = new GrowingDirections(checkpoint, request);
  while (!growing.isComplete) await growing.readMore(64);
  if (growing.newest === null) throw new Error('there are no prompts');
  return growing.newest;
}

export const quiet = (): void => undefined;
export const source = (revision: string): ModelRef => ({ kind: 'built-in', ladder: 'made-up', revision });
export const opening = (revision: string): OpenRequest => ({ source: source(revision), provider: 'auto' });
export const asking = (changes: Partial<AnswerRequest> = {}): AnswerRequest => ({
  prompt: 'What is a bird?',
  chat: true,
  sampling: GREEDY,
  seed: 1,
  maxTokens: 8,
  tokensPerSecond: null,
  steering: settings(),
  ...changes,
});

/** Both answers' texts. */
export async function answerTexts(asked: SteerLab, request = asking()): Promise<[string, string]> {
  const texts: [string, string] = ['', ''];
  await asked.answer(request, ({ tokens }) => {
    for (const { row, text } of tokens) texts[row] += text;
  });
  return texts;
}
