import { describe, expect, it } from 'vitest';
import { parseHubLadder } from '../../../../src/formats/ladders/hub-ladder.ts';

const NAMED = { stage: 'sft', source: { repo: 'a/b', revision: 'main' } };
const RULE = { source: { repo: 'a/b', branches: 'step{step}' }, pick: { kind: 'last' } };
const ladder = (...entries: unknown[]): string =>
  JSON.stringify({ version: 1, id: 'x', name: 'X', description: 'D', entries });

describe('parseHubLadder', () => {
  it('reads revisions and rules', () => {
    expect(parseHubLadder(ladder(NAMED, RULE), 'x.json')).toEqual({
      id: 'x',
      name: 'X',
      description: 'D',
      entries: [
        { kind: 'named', repo: 'a/b', revision: 'main', stage: 'sft', step: null, tokens: null },
        { kind: 'rule', repo: 'a/b', branches: 'step{step}', stage: null, pick: { kind: 'last' } },
      ],
    });
  });

  it('reads a bare list', () => {
    const list = [{ repo: 'a/b', revision: 'main' }, { repo: 'a/c', revision: 'v1', stage: 'dpo', step: 3, tokens: 4 }]; // prettier-ignore
    expect(parseHubLadder(JSON.stringify(list), 'mine.json').entries).toEqual([
      { kind: 'named', repo: 'a/b', revision: 'main', stage: null, step: null, tokens: null },
      { kind: 'named', repo: 'a/c', revision: 'v1', stage: 'dpo', step: 3, tokens: 4 },
    ]);
  });

  const every = { kind: 'every', steps: 0, from: 0, to: 1 };
  it.each([
    ['{', /not valid JSON/],
    ['7', /neither a ladder nor a list/],
    ['[]', /lists no checkpoints/],
    ['{"version":2}', /version 2 is unknown/],
    ['{"version":1,"entries":[]}', /has no id/],
    [ladder(), /lists no checkpoints/],
    [ladder(NAMED, 7), /entry 2: it is not described/],
    [ladder({ source: { revision: 'main' } }), /entry 1: it has no repo/],
    [ladder({ source: { repo: 'b', revision: 'main' } }), /repo “b” is not written as owner\/name/],
    [ladder({ source: { repo: 'a/b' } }), /neither a revision nor a pattern/],
    [ladder({ ...NAMED, stage: 'late' }), /stage is not one of init, /],
    [ladder({ ...NAMED, step: -1 }), /step is not a whole number/],
    [ladder({ ...RULE, source: { repo: 'a/b', branches: 'main' } }), /must hold \{step\} once/],
    [ladder({ ...RULE, source: { repo: 'a/b', branches: '{step}-{tokens}B-{tokens}B' } }), /\{tokens\} more than once/],
    [ladder({ ...RULE, pick: undefined }), /it has no pick/],
    [ladder({ ...RULE, pick: { kind: 'middle' } }), /pick "middle" is not one of first, last, every, spread/],
    [ladder({ ...RULE, pick: every }), /steps is 0/],
    [ladder({ ...RULE, pick: { kind: 'spread', count: 2 } }), /after is not a whole number/],
  ])('names what is wrong with %s', (text, message) => {
    expect(() => parseHubLadder(text, 'x.json')).toThrow(message);
    expect(() => parseHubLadder(text, 'x.json')).toThrow(/^x\.json/);
  });
});
