import { describe, expect, test } from 'vitest';
import { Transcript } from '../../../../src/state/steer/transcript.svelte.ts';
import type { AnswerBatch } from '../../../../src/labs/steer/answer-batches.ts';
import type { AnswerRow, TokenReading } from '../../../../src/labs/steer/answer-messages.ts';

const token = (row: AnswerRow, index: number): AnswerBatch['tokens'][number] => ({ row, index, text: ` t${index}` });
const reading = (row: AnswerRow, index: number): TokenReading => ({
  row,
  index,
  layer: 4,
  projections: [index],
  pushes: [0],
});
const batch = (part: Partial<AnswerBatch>): AnswerBatch => ({ tokens: [], readings: [], moves: [], ...part });

describe('a transcript', () => {
  test('takes the tokens of its row, in order', () => {
    const steered = new Transcript(1);
    steered.take(batch({ tokens: [token(0, 0), token(1, 0), token(0, 1), token(1, 1)] }));
    expect(steered.text).toBe(' t0 t1');
    expect(steered.length).toBe(2);
  });

  test('puts a reading where its token stands, in this batch or an earlier one', () => {
    const asIs = new Transcript(0);
    asIs.take(batch({ tokens: [token(0, 0), token(0, 1)], readings: [reading(0, 0)] }));
    asIs.take(batch({ tokens: [token(0, 2)], readings: [reading(0, 1), reading(1, 2)] }));
    expect(asIs.tokens.map((each) => each.reading?.projections[0] ?? null)).toEqual([0, 1, null]);
  });

  test('leaves the blocks that a batch does not touch as they are', () => {
    const asIs = new Transcript(0);
    asIs.take(batch({ tokens: Array.from({ length: 70 }, (_, index) => token(0, index)) }));
    const before = asIs.blocks;
    asIs.take(batch({ tokens: [token(0, 70)], readings: [reading(0, 69)] }));
    expect(asIs.blocks.map((block) => block.tokens.length)).toEqual([32, 32, 7]);
    expect(asIs.blocks.map((block, at) => block === before[at])).toEqual([true, true, false]);
    expect(asIs.at(69)?.reading).not.toBeNull();
    expect(asIs.at(71)).toBeNull();
  });

  test('marks the first token drawn under a move, in the steered answer alone', () => {
    const steering = { layer: 4, positions: 'all', lambdas: { general: 1 } } as const;
    const [asIs, steered] = [new Transcript(0), new Transcript(1)];
    const first = batch({ tokens: [token(0, 0), token(1, 0)], moves: [{ index: 1, steering }] });
    for (const transcript of [asIs, steered]) {
      transcript.take(first);
      transcript.take(batch({ tokens: [token(0, 1), token(1, 1)] }));
    }
    expect(asIs.tokens.map((each) => each.move)).toEqual([null, null]);
    expect(steered.tokens.map((each) => each.move)).toEqual([null, { index: 1, steering }]);
  });
});
