import { afterEach, describe, expect, it } from 'vitest';
import { limitLongWork } from '../../../cli/limit-long-work.ts';
import { guardLongWork, type WorkGuard } from '../../../src/engine/tokens/long-work.ts';
import { OlmoTokenizer } from '../../../src/engine/tokens/tokenizer.ts';
import { fixtureJson, memoryFiles } from '../../support/checkpoint-fixtures.ts';

const definition = fixtureJson('tokenizer/tokenizer.json');
const PATTERN = { Regex: '(a+)+b' }; // takes twice as long for each further a
const TEXT = 'a'.repeat(60);

const open = (change: object): Promise<OlmoTokenizer> =>
  OlmoTokenizer.open(memoryFiles({ 'tokenizer.json': JSON.stringify({ ...definition, ...change }) }, 'made-up@x'));

/** A guard that writes down what it is asked to do, and when that has ended. */
const telling =
  (told: (string | null)[]): WorkGuard =>
  (what, work) => {
    told.push(what);
    const result = work();
    told.push(null);
    return result;
  };

describe('a tokenizer whose regular expression does not end', () => {
  afterEach(() => guardLongWork((_, work) => work()));

  it.each([
    ['pre-tokenizer', { pre_tokenizer: { type: 'Split', pattern: PATTERN, behavior: 'Isolated', invert: false } }],
    ['normalizer', { normalizer: { type: 'Replace', pattern: PATTERN, content: 'b' } }],
    [
      'normalizer among others',
      { normalizer: { type: 'Sequence', normalizers: [{ type: 'Replace', pattern: PATTERN, content: 'b' }] } },
    ],
  ])('is ended by the command line, and its checkpoint named: %s', async (_, change) => {
    guardLongWork(limitLongWork(0.2));
    const tokenizer = await open(change);
    expect(() => tokenizer.encode(TEXT)).toThrow(
      'This checkpoint’s tokenizer takes too long (tokenizer of made-up@x).',
    );
    expect(tokenizer.encode('b')).toEqual(tokenizer.encode('b')); // it goes on
  });

  it('is announced before and after it works, and by name', async () => {
    const told: (string | null)[] = [];
    guardLongWork(telling(told));
    const tokenizer = await open({ normalizer: { type: 'Replace', pattern: PATTERN, content: 'b' } });
    tokenizer.decode(tokenizer.encode('Hi'));
    expect(told).toEqual(['tokenizer of made-up@x', null, 'tokenizer of made-up@x', null]);
  });

  it('costs nothing where the regular expressions are known to end', async () => {
    const told: (string | null)[] = [];
    guardLongWork(telling(told));
    (await open({})).encode('Hi');
    expect(told).toEqual([]);
  });

  it('passes on what the work gives and throws', () => {
    const guard = limitLongWork();
    expect(guard('a tokenizer', () => [1, 2])).toEqual([1, 2]);
    const error = new RangeError('own');
    expect(() => guard('a tokenizer', () => {
      throw error;
    })).toThrow(error); // prettier-ignore
  });
});
