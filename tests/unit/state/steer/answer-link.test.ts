/** What a shown answer is said to be made with: its heading, its moves, its link. */
import { describe, expect, test } from 'vitest';
import { movesText } from '../../../../src/state/steer/direction-labels.ts';
import { Lab } from '../../../../src/state/steer/open-model.svelte.ts';
import { SteerSettings } from '../../../../src/state/steer/steer-settings.svelte.ts';
import { SteerSession } from '../../../../src/state/steer/steer-session.svelte.ts';
import { readSteerQuery } from '../../../../src/state/steer/steer-url.ts';
import type { AnswerBatch } from '../../../../src/labs/steer/answer-batches.ts';
import type { AnswerRow } from '../../../../src/labs/steer/answer-messages.ts';
import type { StopReason } from '../../../../src/engine/run/generate.ts';
import {
  DIRECTIONS,
  FakeClient,
  last,
  modelSummary,
  settle,
  SUMMARY,
  surroundings,
} from '../../../support/fake-steer-client.ts';

const QUERY = 'prompt=Hi&lambda=general:1.5&seed=9&length=20&pace=max';

async function open(query = QUERY): Promise<{ readonly client: FakeClient; readonly session: SteerSession }> {
  const client = new FakeClient();
  const session = new SteerSession(client, new Lab(client, surroundings()), new SteerSettings(), (job) => job());
  void session.arrive(query);
  await settle();
  last(client.opens).resolve(modelSummary('Instruct'));
  await settle();
  last(client.extractions).resolve(DIRECTIONS);
  await settle();
  void session.answer();
  await settle();
  return { client, session };
}

const push = (general: number, layer = 4): AnswerBatch['moves'][number]['steering'] => ({
  ...{ layer, positions: 'all', lambdas: { general } },
});

/** Tokens of both rows, or of one. */
const written = (count: number, rows: readonly AnswerRow[] = [0, 1]): AnswerBatch['tokens'] =>
  Array.from({ length: count }, (_, index) => rows.map((row) => ({ row, index, text: ` t${index}` }))).flat();

async function finish(client: FakeClient, asIs: StopReason, steered: StopReason): Promise<void> {
  last(client.answers).resolve({ ...SUMMARY, stopReasons: [asIs, steered] });
  await settle();
}

const linked = ({ linkQuery }: SteerSession): ReturnType<typeof readSteerQuery> => readSteerQuery(linkQuery);

describe('the link of an answer', () => {
  test('says what it was made with, whatever the page says now', async () => {
    const { client, session } = await open();
    last(client.answers).batch({ tokens: written(2), readings: [], moves: [] });
    await finish(client, 'end', 'end');
    const before = session.linkQuery;
    session.setLambda('general', -1);
    session.setPrompt('Another');
    session.settings.set('seed', 3);
    session.settings.set('maxTokens', 5);
    expect(session.linkQuery).toBe(before);
    expect(linked(session)).toMatchObject({
      params: { prompt: 'Hi', seed: 9, lambdas: { general: 1.5 }, maxTokens: 20 },
      problems: [],
    });
    expect(session.stale).toBe(true);
    expect(session.run.origin?.request.steering.lambdas).toEqual({ general: 1.5 });
  });

  test('carries moves in mid-answer, and a page that opens it asks for them again', async () => {
    const { client, session } = await open();
    const moves = [
      { index: 1, steering: push(2) },
      { index: 3, steering: push(-0.5, 6) },
    ];
    last(client.answers).batch({ tokens: written(5), readings: [], moves });
    await finish(client, 'length', 'length');
    expect(session.shownSteering).toEqual(push(-0.5, 6));
    const elsewhere = await open(session.linkQuery);
    expect(last(elsewhere.client.answers).asked).toEqual({ ...last(client.answers).asked, moves });
    last(elsewhere.client.answers).batch({ tokens: written(5), readings: [], moves });
    await finish(elsewhere.client, 'length', 'length');
    expect(elsewhere.session.linkQuery).toBe(session.linkQuery);
    expect(elsewhere.session.stale).toBe(false);
  });

  test('of a stopped answer ends where that was stopped', async () => {
    const { client, session } = await open();
    last(client.answers).batch({ tokens: written(7), readings: [], moves: [] });
    expect(linked(session).params.maxTokens).toBe(20); // it goes on
    await finish(client, 'interrupted', 'interrupted');
    expect(linked(session).params.maxTokens).toBe(7);
  });

  test('before there is an answer says what the page says', async () => {
    const { session } = await open();
    expect(session.linkQuery).toBe(session.settings.query);
  });

  test('follows the colour that is looked at', async () => {
    const { client, session } = await open();
    last(client.answers).batch({ tokens: written(2), readings: [], moves: [] });
    session.settings.set('colour', 'violence');
    expect(linked(session).params.colour).toBe('violence');
  });
});

describe('the moves of a link', () => {
  const MOVED = `${QUERY}&moves=${encodeURIComponent('4@general:2;9@layer:99')}`;

  test('keep inside the model', async () => {
    const { client } = await open(MOVED);
    expect(last(client.answers).asked.moves).toEqual([
      { index: 4, steering: push(2) },
      { index: 9, steering: { layer: 7, positions: 'all', lambdas: {} } },
    ]);
  });

  test('are given up as soon as somebody moves a slider, and with the model', async () => {
    const { session } = await open(MOVED);
    session.setLambda('violence', 1);
    expect(session.settings.params.moves).toEqual([]);
    session.settings.load(MOVED);
    void session.runOn('wasm');
    expect(session.settings.params.moves).toHaveLength(2);
    void session.choose({ kind: 'built-in', revision: 'stage1-step0' }, 'wasm');
    expect(session.settings.params.moves).toEqual([]);
  });
});

describe('what is said of moves', () => {
  test('counts tokens from 1, and leaves out what came after the answer', async () => {
    const { client, session } = await open();
    const moves = [
      { index: 12, steering: push(1) },
      { index: 13, steering: push(2) },
      { index: 14, steering: push(0) },
    ];
    last(client.answers).batch({ tokens: written(13), readings: [], moves });
    await finish(client, 'length', 'length');
    expect(session.run.moves).toEqual(moves.slice(0, 1));
    expect(movesText(session.run.moves, session.run.steered.length)).toBe('Moved once at token 13: General +1.00');
  });

  test('is of the tokens that are shown, while the other answer is still written too', async () => {
    const { client, session } = await open();
    const moves = [3, 13, 14].map((index) => ({ index, steering: push(1) }));
    last(client.answers).batch({ tokens: written(13), readings: [], moves });
    expect(movesText(session.run.moves, 13)).toBe('Moved once at token 4: General +1.00');
  });

  test('names the end where a move brought it', async () => {
    const { client, session } = await open();
    const moves = [3, 13].map((index) => ({ index, steering: push(1) }));
    last(client.answers).batch({ tokens: written(13), readings: [], moves });
    await finish(client, 'end', 'end');
    expect(movesText(session.run.moves, 13)).toBe('Moved twice, last before its end: General +1.00');
  });

  test('is nothing where nothing moved', () => {
    expect(movesText([], 13)).toBe('');
  });
});
