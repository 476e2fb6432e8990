import { DIRECTION_NAMES } from '../../core/categories.ts';
import type { AnswerRequest, ModelSummary } from '../../labs/steer/steer-messages.ts';
import type { AnswerPairSummary as AnswerSummary, SteeringMove } from '../../labs/steer/answer-messages.ts';
import type { RunOrigin } from './answer-run.svelte.ts';
import type { ShownToken } from './transcript.svelte.ts';

export interface AnswerRecord {
  readonly format: 'harmscope-answers';
  readonly version: 1;
  readonly savedAt: string; // ISO 8601, UTC
  readonly link: string; // opens the page with these settings
  readonly model: ModelSummary;
  readonly request: AnswerRequest;
  readonly moves: readonly SteeringMove[]; // steering changed in mid-answer
  readonly summary: AnswerSummary | null; // null: the answers were not finished
  readonly directions: readonly string[]; // order of projections and pushes
  readonly answers: readonly AnswerRecordRow[];
}

interface AnswerRecordRow {
  readonly name: 'as is' | 'steered';
  readonly text: string;
  readonly tokens: readonly {
    readonly text: string;
    readonly layer: number | null;
    readonly projections: readonly number[] | null; // a·d/‖d‖, the push included
    readonly pushes: readonly number[] | null;
  }[];
}

export interface RecordSource {
  readonly origin: RunOrigin;
  readonly asIs: readonly ShownToken[];
  readonly steered: readonly ShownToken[];
  readonly moves: readonly SteeringMove[];
  readonly summary: AnswerSummary | null;
  readonly link: string;
  readonly now: Date;
}

/** Both answers with everything that made them, as plain data. */
export function answerRecord({ origin, asIs, steered, moves, summary, link, now }: RecordSource): AnswerRecord {
  return {
    format: 'harmscope-answers',
    version: 1,
    savedAt: now.toISOString(),
    link,
    model: origin.model,
    request: origin.request,
    moves,
    summary,
    directions: DIRECTION_NAMES,
    answers: [recordRow('as is', asIs), recordRow('steered', steered)],
  };
}

function recordRow(name: AnswerRecordRow['name'], tokens: readonly ShownToken[]): AnswerRecordRow {
  return {
    name,
    text: tokens.map((token) => token.text).join(''),
    tokens: tokens.map(({ text, reading }) => ({
      text,
      layer: reading?.layer ?? null,
      projections: reading?.projections ?? null,
      pushes: reading?.pushes ?? null,
    })),
  };
}
