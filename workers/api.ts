/**
 * The wire between the page and the model worker: plain data only, since Comlink carries nothing else faithfully.
 * The page imports types and nothing more from `workers/`.
 */
import type { DirectionName } from '../src/core/categories.ts';
import type { SamplingOptions } from '../src/core/sampling.ts';

export type Provider = 'webgpu' | 'wasm';

/** `auto` takes WebGPU on a hardware adapter, else WASM. */
export type ProviderChoice = 'auto' | Provider;

/** What this browser and machine offer, and what `auto` takes. */
export interface DeviceReport {
  readonly webgpu: WebGpuReport | null; // null: no adapter
  readonly wasmThreads: number;
  readonly crossOriginIsolated: boolean;
  readonly jspi: boolean;
  readonly auto: Provider;
  readonly reason: string; // one sentence: why `auto` is what it is
}

export interface WebGpuReport {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly software: boolean; // a CPU rasteriser such as SwiftShader
  readonly shaderF16: boolean;
  readonly maxBufferBytes: number;
}

export interface Progress {
  readonly phase: 'download' | 'compile' | 'extract';
  readonly done: number;
  readonly total: number;
  readonly unit: 'bytes' | 'steps' | 'prompts';
  readonly label: string; // what is being worked on, e.g. a file name
}

export type Stage = 'init' | 'pretraining' | 'mid-training' | 'long-context' | 'sft' | 'dpo' | 'instruct';

export interface CheckpointSummary {
  readonly revision: string;
  readonly stage: Stage;
  readonly step: number;
  readonly tokensSeen: number;
  readonly bytes: number;
}

export interface LadderSummary {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly checkpoints: readonly CheckpointSummary[];
  readonly defaults: { readonly revision: string; readonly steeringLayer: number };
}

export interface OpenRequest {
  readonly ladder: string;
  readonly revision: string;
  readonly provider: ProviderChoice;
}

export interface ModelSummary {
  readonly ladder: string;
  readonly revision: string;
  readonly family: 'olmo' | 'olmo2' | 'olmo3';
  readonly layers: number;
  readonly hiddenSize: number;
  readonly vocabSize: number;
  readonly parameters: number;
  readonly contextLength: number; // tokens
  readonly weightBytes: number;
  readonly precision: 'float32' | 'q4' | 'int8';
  readonly chat: boolean; // has a chat template
  readonly provider: Provider;
  readonly providerReason: string;
  readonly threads: number;
}

/** The directions of one checkpoint at every layer, with what is needed to read projections on them. */
export interface DirectionsSummary {
  readonly ladder: string;
  readonly revision: string; // the checkpoint whose activations made them
  readonly cached: boolean; // true when they came from IndexedDB
  readonly names: readonly DirectionName[];
  readonly layers: readonly (readonly DirectionAtLayer[])[]; // [layer][name]
}

export interface DirectionAtLayer {
  readonly name: DirectionName;
  readonly norm: number; // ‖d‖
  readonly harmfulMean: number; // mean projection of the harmful training prompts, a·d/‖d‖
  readonly safeMean: number; // mean projection of the safe training prompts
  readonly auroc: number; // harmful over safe, on the held-out test prompts
}

/** Which positions are pushed. */
export type SteeringPositions = 'all' | 'prompt' | 'generated';

/** λ for each direction at one layer; several add up. */
export interface SteeringSettings {
  readonly layer: number;
  readonly positions: SteeringPositions;
  readonly lambdas: Readonly<Partial<Record<DirectionName, number>>>;
}

export interface AnswerRequest {
  readonly prompt: string;
  readonly chat: boolean; // through the chat template, or as raw text
  readonly sampling: SamplingOptions;
  readonly seed: number; // both answers draw the same random numbers
  readonly maxTokens: number;
  readonly tokensPerSecond: number | null; // pace of writing; null: as fast as the device can
  readonly steering: SteeringSettings;
}

/** Row 0 is the answer as is, row 1 the steered one. */
export type AnswerRow = 0 | 1;

/**
 * One token of an answer. `projections` is [names of the direction set]: the token's `resid_post` at the steered layer on each
 * direction, a·d/‖d‖, the push included; `pushes` is the part of it that steering added. Both are read when the token is fed
 * back, one step after it was drawn.
 */
export interface AnswerToken {
  readonly row: AnswerRow;
  readonly index: number; // position in the answer, from 0
  readonly text: string;
}

export interface TokenReading {
  readonly row: AnswerRow;
  readonly index: number;
  readonly layer: number; // the steered layer it was read at: it can change in mid-answer
  readonly projections: readonly number[];
  readonly pushes: readonly number[];
}

/** A change of the steering under way; `index` is the first token of the answer that was drawn under it. */
export interface SteeringMove {
  readonly index: number;
  readonly steering: SteeringSettings;
}

/** Sent a few times a frame at most, tokens and readings in order. */
export interface AnswerBatch {
  readonly tokens: readonly AnswerToken[];
  readonly readings: readonly TokenReading[];
  readonly moves: readonly SteeringMove[]; // mostly empty; the settings an answer starts with are no move
}

export type StopReason = 'end' | 'length' | 'interrupted';

export interface AnswerSummary {
  readonly promptTokens: number;
  readonly stopReasons: readonly [StopReason, StopReason];
  readonly prefillMs: number;
  readonly tokensPerSecond: number; // per row, time spent in the model alone
}


/**
 * What the model worker offers. Calls queue; `steer` and `interrupt` act at once. Every call rejects with a plain
 * `WireError` (`throw toWire(error)`), which Comlink carries whole, where it would strip an Error to its message.
 */
export interface ModelWorkerApi {
  device(): Promise<DeviceReport>;
  ladder(id: string): Promise<LadderSummary>;
  open(request: OpenRequest, onProgress: (progress: Progress) => void): Promise<ModelSummary>;
  /** Computes, or reads from IndexedDB, the directions of the open model. */
  directions(onProgress: (progress: Progress) => void): Promise<DirectionsSummary>;
  answer(request: AnswerRequest, onBatch: (batch: AnswerBatch) => void): Promise<AnswerSummary>;
  /** Takes effect at the next token of the answer under way. */
  steer(settings: SteeringSettings): Promise<void>;
  /** Stops the answer or the computation under way within one token or batch. */
  interrupt(): Promise<void>;
  /** Puts the model away and frees its memory. */
  release(): Promise<void>;
  /** The directions of the open model as one safetensors file. */
  exportDirections(): Promise<Uint8Array>;
}

/** How errors cross: by code, revived on the page as `LabError`. */
export type { WireError } from '../src/core/errors.ts';
