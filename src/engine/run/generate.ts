/** Generation token by token, several rows at once, with a push on the residual stream that may change between two tokens. */
import { highest } from '../../core/statistics/min-max.ts';
import { LabError } from '../../core/errors.ts';
import { createRandom, type Random } from '../../core/sampling/random.ts';
import { drawToken, validateSampling, type SamplingOptions } from '../../core/sampling/draw-token.ts';
import { pause, yieldToEventLoop } from '../device/event-loop.ts';
import { checkLogits } from './finite-checks.ts';
import type { KvCache } from './kv-cache.ts';
import type { ForwardResult, OlmoModel } from './model.ts';

export type RunPhase = 'prompt' | 'generated'; // what the tokens of a run are

/** What one run does besides drawing tokens. */
export interface RunControl {
  readonly steering: Float32Array | null; // the push, [layers, rows, hidden]
  readonly readLayer: number | null; // whose residual is handed back for every token fed
}

export interface GenerateRequest {
  readonly prompts: readonly (readonly number[])[]; // [rows][token ids]
  readonly sampling: SamplingOptions;
  readonly seed: number; // every row draws the same random numbers, so rows differ by their logits alone
  readonly maxTokens: number;
  readonly stopIds: ReadonlySet<number>;
  /** Asked anew before every run, so that what it says may change between two tokens. */
  readonly control: (phase: RunPhase) => RunControl;
  readonly tokensPerSecond: number | null; // an upper bound on the pace; null: none
  readonly signal: AbortSignal;
}

export type StopReason = 'end' | 'length' | 'interrupted';

/** What one run brought: a token drawn for each row, and the residual of each row's token before. */
export interface GenerationStep {
  readonly index: number; // of the drawn tokens in the answer, from 0
  readonly tokens: readonly (number | null)[]; // [rows]; null where the row has stopped or no token was drawn
  readonly read: readonly (Float32Array | null)[]; // [rows][hidden]: `resid_post` of token `index − 1`, where it was fed
}

export interface GenerationSummary {
  readonly stopReasons: readonly StopReason[]; // [rows]
  readonly prefillMs: number; // in the model
  readonly decodeMs: number; // in the model
  readonly decodeRuns: number; // runs of one token a row
}

/** Yields after every run; returns what stopped each row. An abort stops before the next run, and is no error. */
export async function* generate(
  model: OlmoModel,
  request: GenerateRequest,
): AsyncGenerator<GenerationStep, GenerationSummary, void> {
  checkRequest(model, request);
  const longest = highest(request.prompts.map((row) => row.length));
  const cache = model.createCache(request.prompts.length, longest + request.maxTokens);
  try {
    return yield* decode(model, request, cache);
  } finally {
    cache.dispose();
  }
}

async function* decode(
  model: OlmoModel,
  request: GenerateRequest,
  cache: KvCache,
): AsyncGenerator<GenerationStep, GenerationSummary, void> {
  const { prompts, maxTokens, signal, control } = request;
  const stopped = (): boolean => signal.aborted; // a call, since it can change during any await
  const rows = prompts.map((prompt) => new GeneratedRow(prompt, createRandom(request.seed)));
  const before = (row: number): string => `before token ${index + 1} of answer ${row + 1}`;
  const start = performance.now();
  let { logits } = await model.forward({
    ids: prompts,
    cache,
    steering: control('prompt').steering,
    logits: 'last',
    residuals: [],
  });
  const prefillMs = performance.now() - start;
  let decodeMs = 0;
  let index = 0;
  let read: readonly (Float32Array | null)[] = prompts.map(() => null);
  for (; ; index++) {
    const draws = index < maxTokens && !stopped();
    const tokens = rows.map((row, i) =>
      draws ? row.draw(rowOf(logits, i, model.config.vocabSize), request, before(i)) : null,
    );
    yield { index, tokens, read };
    if (stopped() || rows.every((row) => row.stopped !== null) || index === maxTokens) break;
    await keepPace(request, start + prefillMs, index + 1);
    if (stopped()) break;
    const { steering, readLayer } = control('generated');
    const runStart = performance.now();
    const result: ForwardResult = await model.forward({
      ids: rows.map((row) => [row.last]),
      cache,
      steering,
      logits: 'last',
      residuals: readLayer === null ? [] : [readLayer],
    });
    decodeMs += performance.now() - runStart;
    logits = result.logits;
    const residual = readLayer === null ? undefined : result.residuals.get(readLayer);
    read = rows.map((row, i) => (row.stopped === 'end' ? null : rowOf(residual ?? null, i, model.config.hiddenSize)));
  }
  const stopReasons = rows.map((row) => row.stopped ?? (stopped() ? 'interrupted' : 'length'));
  return { stopReasons, prefillMs, decodeMs, decodeRuns: index };
}

class GeneratedRow {
  stopped: 'end' | null = null;
  last = 0; // the token to feed next; a stopped row is fed its last one again, and ignored
  readonly #history: number[];
  readonly #random: Random;

  constructor(prompt: readonly number[], random: Random) {
    this.#history = [...prompt];
    this.#random = random;
  }

  /** The next token, or null where the row has ended. `where` names the logits in an error. */
  draw(logits: Float32Array | null, { sampling, stopIds }: GenerateRequest, where: string): number | null {
    if (this.stopped !== null || logits === null) return null;
    checkLogits(logits, where);
    this.last = drawToken(logits, this.#history, sampling, this.#random);
    this.#history.push(this.last);
    if (stopIds.has(this.last)) this.stopped = 'end';
    return this.stopped === null ? this.last : null;
  }
}

/** Row `i` of [rows, size]. */
function rowOf(values: Float32Array | null, i: number, size: number): Float32Array | null {
  return values?.subarray(i * size, (i + 1) * size) ?? null;
}

async function keepPace({ tokensPerSecond, signal }: GenerateRequest, start: number, index: number): Promise<void> {
  const wait = tokensPerSecond === null ? 0 : start + (index / tokensPerSecond) * 1000 - performance.now();
  await (wait > 0 ? pause(wait, signal) : yieldToEventLoop());
}

function checkRequest(model: OlmoModel, { prompts, sampling, maxTokens, tokensPerSecond }: GenerateRequest): void {
  validateSampling(sampling);
  if (!Number.isInteger(maxTokens) || maxTokens < 1) {
    throw new LabError('bad-request', `maxTokens is ${maxTokens}.`, 'Give a whole number from 1 up.');
  }
  if (tokensPerSecond !== null && !(tokensPerSecond > 0)) {
    throw new LabError('bad-request', `tokensPerSecond is ${tokensPerSecond}.`, 'Give a number above 0.');
  }
  if (prompts.length === 0) throw new LabError('bad-request', 'There is no prompt.', 'Give at least one.');
  for (const { length } of prompts) {
    if (length === 0) throw new LabError('bad-request', 'The prompt is empty.', 'Type something first.');
    if (length + maxTokens > model.contextLength) {
      throw new LabError(
        'context-length',
        `The prompt has ${length} tokens and the answer may take ${maxTokens}; this model has room for ${model.contextLength}.`,
        'Shorten the prompt or the answer’s maximum length.',
      );
    }
  }
}
