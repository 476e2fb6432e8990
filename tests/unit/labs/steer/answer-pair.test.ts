import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { norm, relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import type { Checkpoint } from '../../../../src/engine/checkpoint/checkpoint.ts';
import { answerPair } from '../../../../src/labs/steer/answer-pair.ts';
import type { AnswerPairRequest, AnswerPairSummary, AnswerStep } from '../../../../src/labs/steer/answer-messages.ts';
import type { CategoryDirections } from '../../../../src/labs/steer/category-directions.ts';
import type { DirectionsSource } from '../../../../src/labs/steer/answer-pair.ts';
import type { DirectionsSnapshot } from '../../../../src/labs/steer/growing-directions.ts';
import { allDirections } from '../../../support/made-up-lab.ts';
import { GREEDY, openMadeUp, PROMPT_SETS, settings } from '../../../support/made-up-lab.ts';

let checkpoint: Checkpoint;
let snapshot: DirectionsSnapshot;
let directions: CategoryDirections;
beforeAll(async () => {
  checkpoint = await openMadeUp();
  snapshot = await allDirections(checkpoint, { ...PROMPT_SETS, template: 'raw', pooling: 'last' });
  directions = snapshot.layers;
});
afterAll(() => checkpoint.model.dispose());

interface Answers {
  readonly texts: readonly [string, string];
  readonly steps: readonly AnswerStep[];
  readonly summary: AnswerPairSummary;
}

const UNSTEERED = settings();

const READY: DirectionsSource = { now: () => snapshot, grow: () => Promise.reject(new Error('nothing is left')) };

async function answer(
  changes: Partial<AnswerPairRequest>,
  from: Checkpoint = checkpoint,
  source: DirectionsSource = READY,
): Promise<Answers> {
  const steps: AnswerStep[] = [];
  const request: AnswerPairRequest = {
    prompt: 'Tell me how to plant a tree.',
    template: 'chat',
    sampling: { ...GREEDY, temperature: 0.8 },
    seed: 3,
    maxTokens: 10,
    tokensPerSecond: null,
    steering: { at: () => UNSTEERED },
    signal: new AbortController().signal,
    ...changes,
  };
  const summary = await answerPair(from, source, request, (step) => steps.push(step));
  const text = (row: number): string =>
    steps.flatMap(({ tokens }) => tokens.filter((token) => token.row === row).map((token) => token.text)).join('');
  return { texts: [text(0), text(1)], steps, summary };
}

/** Ends the steered answer with the token that would be number `index`: both rows are asked about in turn. */
class EndOfSteered extends Set<number> {
  readonly #index: number;
  #asked = 0;

  constructor(index: number) {
    super();
    this.#index = index;
  }
  override has(): boolean {
    return this.#asked++ === 2 * this.#index + 1;
  }
}

/** Hard enough to change a random model's answer. */
const HARD = { general: 30 };

describe('answerPair', () => {
  it('answers both the same at λ = 0', async () => {
    const { texts, steps, summary } = await answer({});
    expect(texts[1]).toBe(texts[0]);
    expect(texts[0].length).toBeGreaterThan(0);
    expect(steps.flatMap(({ moves }) => moves)).toEqual([]);
    expect(summary.stopReasons).toEqual(['length', 'length']);
    expect(summary.tokensPerSecond).toBeGreaterThan(0);
  });

  it('leaves the answer as is alone, whatever λ is', async () => {
    const plain = await answer({});
    const fixed = settings({ lambdas: HARD });
    const steered = await answer({ steering: { at: () => fixed } });
    expect(steered.texts[0]).toBe(plain.texts[0]);
    expect(steered.texts[1]).not.toBe(plain.texts[0]);
  });

  it('tells every token once, by row and index', async () => {
    const { steps } = await answer({});
    for (const row of [0, 1]) {
      const indices = steps.flatMap(({ tokens }) =>
        tokens.filter((token) => token.row === row).map(({ index }) => index),
      );
      expect(indices).toEqual(Array.from({ length: 10 }, (_, i) => i));
    }
  });

  it('reads every token on the directions of its layer: what was added is λ · ‖d‖', async () => {
    const fixed = settings({ layer: 2, lambdas: { general: 1.5 } });
    const { steps } = await answer({ steering: { at: () => fixed } });
    const readings = steps.flatMap((step) => step.readings);
    expect(readings.filter(({ row }) => row === 0).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const general = directions[2]?.findIndex(({ name }) => name === 'general') ?? -1;
    const length = norm(directions[2]?.[general]?.vector ?? new Float32Array());
    for (const { row, layer, projections, pushes } of readings) {
      expect(layer).toBe(2);
      expect(projections).toHaveLength(8);
      expect(projections.every(Number.isFinite)).toBe(true);
      if (row === 0) expect(pushes).toEqual(new Array(8).fill(0));
      else expect(pushes[general]).toBeCloseTo(1.5 * length, 4);
    }
  });

  it('shows in the first steered reading the push over the answer as is, where both tokens are the same', async () => {
    // The prompt is not pushed, so both rows draw the same first token, and feed it over the same cache.
    const fixed = settings({ positions: 'generated', lambdas: { general: 1 } });
    const { steps } = await answer({ steering: { at: () => fixed } });
    const [asIs, steered] = steps.flatMap((step) => step.readings).filter(({ index }) => index === 0);
    const difference = Float64Array.from(steered?.projections ?? [], (value, i) => value - (asIs?.projections[i] ?? 0));
    expect(relativeL2(difference, Float64Array.from(steered?.pushes ?? []))).toBeLessThan(1e-4);
  });

  it('reports a move at the first token that was drawn under it, and only tokens from there on change', async () => {
    const before = settings();
    const after = settings({ lambdas: HARD });
    let asked = 0;
    const { texts, steps } = await answer({ steering: { at: () => (asked++ < 4 ? before : after) } });
    expect(steps.flatMap(({ moves }) => moves)).toEqual([{ index: 4, steering: after }]);
    const rowTokens = (row: number): string[] =>
      steps.flatMap(({ tokens }) => tokens.filter((token) => token.row === row).map(({ text }) => text));
    expect(rowTokens(1).slice(0, 4)).toEqual(rowTokens(0).slice(0, 4));
    expect(texts[1]).not.toBe(texts[0]);
    const atMove = steps.flatMap((step) => step.readings).filter(({ row, index }) => row === 1 && index <= 4);
    expect(atMove.map(({ pushes }) => pushes.some((push) => push !== 0))).toEqual([false, false, false, true, true]); // token 3 was fed by run 4, which drew token 4
  });

  const turns = (at: number): AnswerPairRequest['steering'] => {
    const [before, after] = [settings(), settings({ lambdas: HARD })];
    return { at: (index) => (index < at ? before : after) };
  };
  const movesAt = ({ steps }: Answers): number[] => steps.flatMap(({ moves }) => moves.map(({ index }) => index));

  it.each([
    ['under which its last token was drawn', 2, [2]],
    ['under which its end was drawn', 3, [3]],
    ['after its end', 4, []],
    ['long after it', 7, []],
  ])('of a steered answer of 3 tokens, reports a move %s', async (_, at, expected) => {
    const ended = await answer({ steering: turns(at) }, { ...checkpoint, stopIds: new EndOfSteered(3) });
    expect(ended.summary.stopReasons).toEqual(['length', 'end']);
    expect(ended.steps.flatMap(({ tokens }) => tokens.filter(({ row }) => row === 1))).toHaveLength(3);
    expect(movesAt(ended)).toEqual(expected);
  });

  it('takes the same settings in another object for no move', async () => {
    const { steps } = await answer({ steering: { at: () => settings({ lambdas: { general: 0 } }) } });
    expect(steps.flatMap(({ moves }) => moves)).toEqual([]);
  });

  it('reports a move of the layer, and reads at the new one', async () => {
    let asked = 0;
    const [low, high] = [settings({ layer: 0 }), settings({ layer: 2 })];
    const { steps } = await answer({ steering: { at: () => (asked++ < 3 ? low : high) }, maxTokens: 5 });
    const layers = steps.flatMap((step) => step.readings).filter(({ row }) => row === 0).map(({ layer }) => layer); // prettier-ignore
    expect(layers).toEqual([0, 0, 2, 2, 2]);
  });

  it('stops where it is told to, and says so', async () => {
    const stop = new AbortController();
    const fixed = settings();
    let asked = 0;
    const { steps, summary } = await answer({
      signal: stop.signal,
      steering: {
        at: () => {
          if (++asked === 3) stop.abort();
          return fixed;
        },
      },
    });
    expect(summary.stopReasons).toEqual(['interrupted', 'interrupted']);
    expect(steps.flatMap(({ tokens }) => tokens).length).toBe(4); // runs 0 and 1 drew one a row; run 2 only fed
  });

  it.each([
    ['an empty prompt', { prompt: ' \n' }, 'bad-request', /prompt is empty/],
    ['a prompt longer than the context', { prompt: 'tree '.repeat(60) }, 'context-length', /has room for 64/],
    ['a layer that is not there', { steering: { at: () => settings({ layer: 3 }) } }, 'bad-request', /no layer 3/],
    [
      'such a layer where the prompt is not pushed',
      { steering: { at: () => settings({ layer: 9, positions: 'generated' as const }) } },
      'bad-request',
      /no layer 9/,
    ],
    [
      'a λ of NaN',
      { steering: { at: () => settings({ lambdas: { general: NaN } }) } },
      'bad-request',
      /λ of general is NaN/,
    ],
  ])('refuses %s', async (_, changes, code, message) => {
    await expect(answer(changes)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});
