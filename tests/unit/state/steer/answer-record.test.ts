import { expect, test } from 'vitest';
import { DIRECTION_NAMES } from '../../../../src/core/categories.ts';
import { answerRecord } from '../../../../src/state/steer/answer-record.ts';
import { DEFAULT_PARAMS } from '../../../../src/state/steer/steer-params.ts';
import { DIRECTIONS, modelSummary, SUMMARY } from '../../../support/fake-steer-client.ts';

const request = {
  prompt: 'Hi',
  chat: true,
  sampling: { temperature: 0.7, topK: 0, topP: 1, repetitionPenalty: 1 },
  seed: 1,
  maxTokens: 2,
  tokensPerSecond: null,
  steering: { layer: 4, positions: 'all', lambdas: { general: 1 } },
} as const;

test('a record holds the texts, the readings and all that made them, as plain JSON', () => {
  const reading = { row: 0, index: 0, layer: 4, projections: [1.5], pushes: [0] } as const;
  const record = answerRecord({
    origin: { request, model: modelSummary('Instruct'), directions: DIRECTIONS, params: DEFAULT_PARAMS },
    asIs: [
      { index: 0, text: 'Good', reading, move: null },
      { index: 1, text: ' day', reading: null, move: null },
    ],
    steered: [],
    moves: [],
    summary: SUMMARY,
    link: 'http://localhost/#/steer?prompt=Hi',
    now: new Date('2026-11-23T23:00:00Z'),
  });
  expect(JSON.parse(JSON.stringify(record))).toEqual(record);
  expect(record).toMatchObject({ savedAt: '2026-11-23T23:00:00.000Z', request, directions: DIRECTION_NAMES });
  expect(record.answers[0]).toEqual({
    name: 'as is',
    text: 'Good day',
    tokens: [
      { text: 'Good', layer: 4, projections: [1.5], pushes: [0] },
      { text: ' day', layer: null, projections: null, pushes: null },
    ],
  });
  expect(record.answers[1]).toEqual({ name: 'steered', text: '', tokens: [] });
});
