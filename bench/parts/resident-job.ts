/**
 * The job that bench/resident.ts times in a browser's worker: Harmscope's model and the bare decoder in alternating runs, so that other
 * work on the machine affects both.
 */
import type { StoredModel } from '../../src/engine/convert/model-folder.ts';
import { openConverted } from '../../src/engine/convert/open-converted.ts';
import type { ForwardRequest, OlmoModel } from '../../src/engine/run/model.ts';
import type { Runtime } from '../../src/engine/device/runtime.ts';
import { BareDecoder } from './bare-decoder.ts';

export interface ResidentJob {
  readonly promptTokens: number; // tokens per row
  readonly steps: number; // tokens decoded after each prompt
  readonly rounds: number;
}

/** Milliseconds of the same work in Harmscope and in the bare decoder, pair by pair. */
export interface Timings {
  readonly lab: number[];
  readonly bare: number[];
}

export interface CaseReport {
  readonly rows: number;
  readonly prefill: Timings; // one run over the prompts of all rows
  readonly decode: Timings; // one run of one token per row
}

export interface ResidentReport {
  readonly openMs: number; // time to open Harmscope's model, verifying every byte
  readonly cases: readonly CaseReport[];
  readonly logitDifference: number; // largest difference between both over a prompt, relative to the largest logit
}

const STEERED_PUSH = 0.01;
const VOCABULARY = 1000; // size of the vocabulary that random prompts draw from

/** Rows of random tokens, all different. */
function madeUpRows(rows: number, tokens: number, round: number): number[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: tokens }, (_, i) => (31 * i + 7 * row + 13 * round) % VOCABULARY),
  );
}

export async function measureResident(
  folder: StoredModel,
  runtime: Runtime,
  job: ResidentJob,
): Promise<ResidentReport> {
  const start = performance.now();
  const lab = await openConverted(folder, runtime);
  const openMs = performance.now() - start;
  const bare = await BareDecoder.open(folder, runtime, job.promptTokens);
  const logitDifference = await compare(lab, bare, job.promptTokens);
  const cases = [1, 2].map((rows): CaseReport => ({ rows, prefill: emptyTimings(), decode: emptyTimings() }));
  for (let round = 0; round < job.rounds; round++) {
    for (const report of cases) await measureRound(lab, bare, job, round, report);
  }
  await lab.dispose();
  await bare.dispose();
  return { openMs, cases, logitDifference };
}

const emptyTimings = (): Timings => ({ lab: [], bare: [] });

/** One answer: a prompt, then tokens. Two rows run as on the Steer page: steered, with one residual read per token. */
async function measureRound(
  lab: OlmoModel,
  bare: BareDecoder,
  { promptTokens, steps }: ResidentJob,
  round: number,
  { rows, prefill, decode }: CaseReport,
): Promise<void> {
  const { layers, hiddenSize } = lab.config;
  const isPair = rows > 1;
  const steering = isPair ? new Float32Array(layers * rows * hiddenSize).fill(STEERED_PUSH) : null;
  const cache = lab.createCache(rows, promptTokens + steps);
  const common = { cache, steering, logits: 'last' } as const;
  const prompts = madeUpRows(rows, promptTokens, round);
  prefill.lab.push(await labMs(lab, { ...common, ids: prompts, residuals: [] }));
  prefill.bare.push((await bare.run(prompts)).ms);
  for (let step = 0; step < steps; step++) {
    const ids = madeUpRows(rows, 1, round + step);
    decode.lab.push(await labMs(lab, { ...common, ids, residuals: isPair ? [layers >> 1] : [] }));
    decode.bare.push((await bare.run(ids)).ms);
  }
  cache.dispose();
}

/** The full time per token as a user sees it, including embedding rows and cache. */
async function labMs(lab: OlmoModel, request: ForwardRequest): Promise<number> {
  const start = performance.now();
  await lab.forward(request);
  return performance.now() - start;
}

async function compare(lab: OlmoModel, bare: BareDecoder, tokens: number): Promise<number> {
  const ids = madeUpRows(1, tokens, 0);
  const expected = (await bare.run(ids)).logits;
  const { logits } = await lab.forward({ ids, cache: null, logits: 'last', residuals: [] });
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const apart = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (logits?.[i] ?? NaN))), 0);
  return apart / largest;
}
