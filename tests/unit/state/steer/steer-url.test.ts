import { describe, expect, test } from 'vitest';
import { DEFAULT_PARAMS, type SteerParams } from '../../../../src/state/steer/steer-params.ts';
import { readSteerQuery, writeSteerQuery } from '../../../../src/state/steer/steer-url.ts';

const EVERYTHING: SteerParams = {
  prompt: 'Line one\nline two & “#?=%” 😀',
  template: 'raw',
  revision: 'stage1-step1000',
  model: 'allenai.OLMo-2-0425-1B@main.q4-32',
  provider: 'webgpu',
  lambdas: { general: -1.35, violence: 2 },
  layer: 3,
  positions: 'generated',
  directionSet: 'english',
  directionPrompts: 128,
  moves: [
    { index: 4, lambdas: { general: 1.5, violence: -0.5 }, layer: null, positions: null },
    { index: 9, lambdas: {}, layer: 0, positions: 'all' },
  ],
  seed: 4294967295,
  temperature: 0,
  topK: 40,
  topP: 0.95,
  repetitionPenalty: 1.1,
  maxTokens: 12,
  pace: null,
  colour: 'privacy_violation',
  withoutPush: true,
};

describe('the Steer page as a query', () => {
  test('defaults need no words', () => {
    expect(writeSteerQuery(DEFAULT_PARAMS)).toBe('');
    expect(readSteerQuery('')).toEqual({ params: DEFAULT_PARAMS, run: false, problems: [] });
  });

  test('every setting comes back as it was', () => {
    const { params, problems } = readSteerQuery(writeSteerQuery(EVERYTHING));
    expect(params).toEqual(EVERYTHING);
    expect(problems).toEqual([]);
  });

  test('every setting but the defaults is in the query', () => {
    const written = new URLSearchParams(writeSteerQuery(EVERYTHING));
    expect([...written.keys()]).toHaveLength(Object.keys(EVERYTHING).length);
    expect(written.get('lambda')).toBe('general:-1.35,violence:2');
    expect(written.get('moves')).toBe('4@general:1.5,violence:-0.5;9@layer:0,positions:all');
  });

  test('run=1 answers at once', () => {
    expect(readSteerQuery('prompt=Hi&run=1')).toMatchObject({ run: true, params: { prompt: 'Hi' } });
  });

  test.each([
    ['seed', 'abc'],
    ['seed', '1.5'],
    ['seed', '-1'],
    ['temperature', '2.01'],
    ['temperature', ''],
    ['temperature', '1e1'],
    ['lambda', 'general:3'],
    ['lambda', 'cheese:1'],
    ['lambda', 'general'],
    ['lambda', 'general:1:2'],
    ['positions', 'everywhere'],
    ['checkpoint', '../secret'],
    ['pace', '0'],
    ['colour', 'toString'],
    ['without-push', 'yes'],
    ['moves', '0@general:1'],
    ['moves', '2000@general:1'],
    ['moves', '4@general:3'],
    ['moves', '4@general:1@2'],
    ['moves', '4@layer:'],
    ['moves', '4@positions:everywhere'],
    ['moves', '4@general:1;4@general:2'],
    ['moves', '9@;4@'],
    ['moves', '4@general:1;'],
    ['run', 'now'],
  ])('%s=%s falls back and is named', (key, text) => {
    const { params, run, problems } = readSteerQuery(new URLSearchParams({ [key]: text }).toString());
    expect({ params, run }).toEqual({ params: DEFAULT_PARAMS, run: false });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ key, text });
  });

  test('one bad value leaves the others', () => {
    const { params, problems } = readSteerQuery('seed=7&temperature=hot&prompt=Hi');
    expect(params).toEqual({ ...DEFAULT_PARAMS, seed: 7, prompt: 'Hi' });
    expect(problems).toEqual([{ key: 'temperature', text: 'hot', reason: 'expected a number from 0 to 2' }]);
  });

  test('a setting that this page does not have is named', () => {
    expect(readSteerQuery('sead=7').problems).toMatchObject([{ key: 'sead', text: '7' }]);
  });
});
