/**
 * The Steer page's experiment: one prompt, two answers, row 0 as is and row 1 steered, with every token's projections on the directions
 * of the steered layer.
 */
import { AnswerRows } from './answer-rows.ts';
import type { AnswerRow, AnswerPairRequest, AnswerStep, AnswerPairSummary } from './answer-messages.ts';
import { type GenerationSummary, type StopReason } from '../../engine/run/generate.ts';

import { LabError } from '../../core/errors.ts';
import type { Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import { encodePrompt } from './category-directions.ts';
import type { DirectionsSnapshot } from './growing-directions.ts';

/** Where an answer's directions come from. */
export interface DirectionsSource {
  /** Null while there are none. */
  now(): DirectionsSnapshot | null;
  /** Does a part of what is left until there are some. What is not here yet, such as prompts, it waits for only if `waits`. */
  grow(waits: boolean): Promise<void>;
}

/** Tokens of the unsteered answer between two parts of the directions' growth. */
const TOKENS_PER_GROWTH = 4;

/**
 * Runs both answers; `onStep` hears of every token, reading and move in order. They are rows of one batch where there are directions. Where
 * there are none yet, the unsteered answer begins alone and the steered one joins it once there are; its text is the same either way.
 */
export async function answerPair(
  checkpoint: Checkpoint,
  source: DirectionsSource,
  request: AnswerPairRequest,
  onStep: (step: AnswerStep) => void,
): Promise<AnswerPairSummary> {
  if (request.prompt.trim() === '') throw new LabError('bad-request', 'The prompt is empty.', 'Enter a prompt.');
  const ids = encodePrompt(checkpoint.tokenizer, request.prompt, request.template);
  const begin = (rows: readonly AnswerRow[]): AnswerRows => new AnswerRows(checkpoint, ids, rows, request, onStep);
  let snapshot = source.now();
  if (snapshot !== null) {
    const both = begin([0, 1]);
    while (await both.step(snapshot.layers));
    return summaryOf(ids.length, [both], snapshot);
  }
  const asIs = begin([0]);
  for (let steps = 1; snapshot === null; steps++) {
    const goesOn = await asIs.step(null);
    if (request.signal.aborted) return summaryOf(ids.length, [asIs], null);
    if (!goesOn || steps % TOKENS_PER_GROWTH === 0) await source.grow(!goesOn);
    snapshot = source.now();
  }
  const steered = begin([1]);
  for (let [first, second] = [true, true]; first || second;) {
    first &&= await asIs.step(snapshot.layers);
    second &&= await steered.step(snapshot.layers);
  }
  return summaryOf(ids.length, [asIs, steered], snapshot);
}

function summaryOf(
  promptTokens: number,
  runs: readonly AnswerRows[],
  snapshot: DirectionsSnapshot | null,
): AnswerPairSummary {
  const reason = (row: AnswerRow): StopReason =>
    runs.map((run) => run.stopReason(row)).find((found) => found !== null) ?? 'interrupted';
  const sum = (value: (summary: GenerationSummary) => number): number =>
    runs.reduce((total, { summary }) => total + (summary === null ? 0 : value(summary)), 0);
  const decodeRuns = sum((one) => one.decodeRuns);
  const decodeMs = sum((one) => one.decodeMs);
  return {
    promptTokens,
    stopReasons: [reason(0), reason(1)],
    prefillMs: sum((one) => one.prefillMs),
    tokensPerSecond: decodeRuns === 0 ? 0 : (decodeRuns / decodeMs) * 1000,
    directionPrompts: snapshot?.prompts ?? null,
  };
}
