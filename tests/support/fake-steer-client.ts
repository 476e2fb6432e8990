import { DIRECTION_NAMES } from '../../src/core/categories.ts';
import { LabError } from '../../src/core/errors.ts';
import type { SteerClient } from '../../src/rpc/clients.ts';
import { Surroundings } from '../../src/state/page/device-and-ladder.svelte.ts';
import type { AnswerBatch } from '../../src/labs/steer/answer-batches.ts';
import type {
  AnswerRequest,
  DirectionsRequest,
  DirectionsSummary,
  Refinement,
  ModelSummary,
  OpenRequest,
  Progress,
} from '../../src/labs/steer/steer-messages.ts';
import type { AnswerPairSummary as AnswerSummary } from '../../src/labs/steer/answer-messages.ts';
import type { SteeringSettings } from '../../src/labs/steer/steering.ts';
import type { DeviceReport } from '../../src/engine/device/device-report.ts';
import type { LadderSummary } from '../../src/labs/steer/steer-messages.ts';

export const LADDER: LadderSummary = {
  id: 'tiny-olmo3',
  name: 'TinyOLMo 3',
  description: 'a ladder',
  checkpoints: [
    { revision: 'stage1-step0', stage: 'init', step: 0, tokensSeen: 0, bytes: 2_000_000 },
    { revision: 'Instruct', stage: 'instruct', step: 900, tokensSeen: 7_600_000, bytes: 2_000_000 },
  ],
  defaults: { revision: 'Instruct', steeringLayer: 4 },
};

export const DEVICE: DeviceReport = {
  webgpu: null,
  wasmThreads: 1,
  crossOriginIsolated: true,
  jspi: true,
  auto: 'wasm',
  reason: 'No WebGPU adapter.',
};

export const surroundings = (): Surroundings =>
  new Surroundings({ device: () => Promise.resolve(DEVICE), builtInLadder: () => Promise.resolve(LADDER) });

export function modelSummary(revision: string): ModelSummary {
  return {
    source: { kind: 'built-in', ladder: LADDER.id, revision },
    label: revision,
    steeringLayer: LADDER.defaults.steeringLayer,
    family: 'olmo3',
    layers: 8,
    hiddenSize: 128,
    vocabSize: 1400,
    parameters: 1_200_000,
    contextLength: 1024,
    weightBytes: 4_800_000,
    precision: 'float32',
    chat: revision === 'Instruct',
    provider: 'wasm',
    providerReason: 'No WebGPU adapter.',
    threads: 1,
  };
}

export const DIRECTIONS: DirectionsSummary = {
  source: { kind: 'built-in', ladder: LADDER.id, revision: 'Instruct' },
  set: 'ladder',
  cached: false,
  storageProblem: null,
  prompts: 64,
  counts: Object.fromEntries(
    DIRECTION_NAMES.map((name) => [name, { harmful: 32, safe: 32 }]),
  ) as DirectionsSummary['counts'],
  read: 96,
  total: 96,
  names: DIRECTION_NAMES,
  layers: Array.from({ length: 8 }, () =>
    DIRECTION_NAMES.map((name) => ({ name, norm: 2, safeMean: 1, harmfulMean: 3, auroc: 0.9, certainty: 0.995 })),
  ),
};

export const SUMMARY: AnswerSummary = {
  promptTokens: 5,
  stopReasons: ['end', 'end'],
  prefillMs: 3,
  tokensPerSecond: 500,
  directionPrompts: 64,
};

interface Call<A, T> {
  readonly asked: A;
  readonly resolve: (value: T) => void;
  readonly reject: (error: LabError) => void;
}

/** A client whose answers the test gives by hand. */
export class FakeClient implements SteerClient {
  readonly opens: (Call<OpenRequest, ModelSummary> & { readonly progress: (progress: Progress) => void })[] = [];
  readonly extractions: Call<DirectionsRequest, DirectionsSummary>[] = [];
  readonly refinements: Call<null, Refinement>[] = [];
  readonly answers: (Call<AnswerRequest, AnswerSummary> & { readonly batch: (batch: AnswerBatch) => void })[] = [];
  readonly steered: SteeringSettings[] = [];
  starts = 0;
  interrupts = 0;
  restarts = 0;

  open: SteerClient['open'] = (asked, progress) =>
    new Promise((resolve, reject) => this.opens.push({ asked, progress, resolve, reject }));
  directions: SteerClient['directions'] = (asked) =>
    new Promise((resolve, reject) => this.extractions.push({ asked, resolve, reject }));
  refine: SteerClient['refine'] = () =>
    new Promise((resolve, reject) => this.refinements.push({ asked: null, resolve, reject }));
  stopDirections: SteerClient['stopDirections'] = () => {
    this.interrupts++;
    return Promise.resolve();
  };
  answer: SteerClient['answer'] = (asked, batch) =>
    new Promise((resolve, reject) => this.answers.push({ asked, batch, resolve, reject }));
  rewrite: SteerClient['rewrite'] = ({ prompts }, onRewrite) => {
    for (const { id, text } of prompts) onRewrite({ id, text: `${text} rewritten`, isWhole: true });
    return Promise.resolve();
  };
  steer: SteerClient['steer'] = (settings) => {
    this.steered.push(settings);
    return Promise.resolve();
  };
  interrupt: SteerClient['interrupt'] = () => {
    this.interrupts++;
    return Promise.resolve();
  };
  stop: SteerClient['stop'] = () => this.interrupt();
  lose: (error: LabError) => void = () => undefined;
  onWorkerLost: SteerClient['onWorkerLost'] = (listener) => (this.lose = listener);
  release: SteerClient['release'] = () => Promise.resolve();
  exportDirections: SteerClient['exportDirections'] = () => Promise.resolve(new Uint8Array(8));
  startWorker(): void {
    this.starts++;
  }
  endWorker(): void {
    this.restarts++;
  }
}

/** Lets every promise that can settle do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

export function last<T>(list: readonly T[]): T {
  const item = list.at(-1);
  if (item === undefined) throw new Error('nothing was asked of the client');
  return item;
}

export const INTERRUPTED = new LabError('interrupted', 'stopped', 'Start again.');
