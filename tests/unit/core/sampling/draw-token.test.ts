import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/core/sampling/random.ts';
import { drawToken, type SamplingOptions, validateSampling } from '../../../../src/core/sampling/draw-token.ts';

const logits = Float32Array.of(2, 1, 0.5, -1, 1, -3, 0.25, 1.75);
const history = [0, 3, 3, 7];
const plain: SamplingOptions = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1 };

/** The distribution drawn from, to 1e-4: uniform draws at the midpoints of a fine grid. */
function distribution(options: Partial<SamplingOptions>, scores: Float32Array = logits): number[] {
  const draws = 20_000;
  const counts = new Array<number>(scores.length).fill(0);
  for (let i = 0; i < draws; i++) {
    const token = drawToken(scores, history, { ...plain, ...options }, () => (i + 0.5) / draws);
    counts[token] = (counts[token] ?? 0) + 1;
  }
  return counts.map((count) => count / draws);
}

describe('drawToken', () => {
  // From RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper, TopKLogitsWarper and TopPLogitsWarper of
  // transformers 4.57, in this order, then softmax in float64. Tokens 1 and 4 tie: top-k 3 keeps both.
  it.each([
    [{}, [0.336928, 0.123949, 0.075179, 0.016775, 0.123949, 0.00227, 0.058549, 0.2624]],
    [{ repetitionPenalty: 1.3 }, [0.270911, 0.158116, 0.095902, 0.015853, 0.158116, 0.002896, 0.074689, 0.223516]],
    [{ temperature: 0.7, topK: 3 }, [0.458931, 0.109983, 0, 0, 0.109983, 0, 0, 0.321102]],
    [{ temperature: 2, topP: 0.95 }, [0.237647, 0.14414, 0.112257, 0.053026, 0.14414, 0, 0.099066, 0.209723]],
    [{ topK: 3, topP: 0.5 }, [0.562177, 0, 0, 0, 0, 0, 0, 0.437823]],
    [
      { repetitionPenalty: 1.3, temperature: 0.8, topK: 5, topP: 0.75 },
      [0.356303, 0.181763, 0, 0, 0.181763, 0, 0, 0.28017],
    ],
    // Here p falls between the tied tokens 1 and 4: torch's sort keeps token 4, ours the lower id.
    [{ topP: 0.6 }, [0.465836, 0.171371, 0, 0, 0, 0, 0, 0.362793]],
  ])('draws from the distribution of Hugging Face for %o', (options, expected) => {
    distribution(options).forEach((share, token) => {
      expect(Math.abs(share - (expected[token] ?? NaN)), `token ${token}`).toBeLessThanOrEqual(1e-4);
    });
  });

  it('is greedy at temperature 0, lowest id of ties, without drawing', () => {
    const never = (): number => expect.unreachable();
    const greedy = { ...plain, temperature: 0 };
    expect(drawToken(Float32Array.of(0, 4, 4, 1), [], greedy, never)).toBe(1);
    expect(drawToken(logits, history, { ...greedy, repetitionPenalty: 3 }, never)).toBe(1); // 2/3, 1, …, 1, …, 1.75/3
    expect(drawToken(logits, [], { ...greedy, topK: 2, topP: 0.1 }, never)).toBe(0);
  });

  it('draws exactly once, and leaves the logits as they were', () => {
    for (const options of [{}, { topK: 1 }, { topP: 0.01 }, { topK: 100, topP: 0.9 }]) {
      let draws = 0;
      drawToken(logits, history, { ...plain, ...options, repetitionPenalty: 1.5 }, () => (draws++, 0.5));
      expect(draws).toBe(1);
    }
    expect([...logits]).toEqual([2, 1, 0.5, -1, 1, -3, 0.25, 1.75]);
  });

  it('never draws an excluded token, nor fails at the ends of the uniform', () => {
    const masked = Float32Array.of(-Infinity, 0, -Infinity, 0, -Infinity);
    expect(distribution({}, masked)).toEqual([0, 0.5, 0, 0.5, 0]);
    expect(distribution({ topK: 4 }, masked)).toEqual([0, 0.5, 0, 0.5, 0]);
    for (const options of [plain, { ...plain, topK: 3 }, { ...plain, topP: 0.99 }, { ...plain, temperature: 1e-300 }]) {
      expect([1, 3]).toContain(drawToken(masked, [], options, () => 0));
      expect([1, 3]).toContain(drawToken(masked, [], options, () => 1 - 2 ** -32));
    }
  });

  it('gives the same tokens for the same seed', () => {
    const text = (seed: number): number[] => {
      const random = createRandom(seed);
      return Array.from({ length: 50 }, () => drawToken(logits, [], plain, random));
    };
    expect(text(5)).toEqual(text(5));
    expect(text(5)).not.toEqual(text(6));
  });

  it('agrees with sorting everything on a vocabulary of 100,352', () => {
    const random = createRandom(1);
    const large = Float32Array.from({ length: 100_352 }, () => 12 * random());
    const order = [...large.keys()].sort((a, b) => (large[b] ?? 0) - (large[a] ?? 0) || a - b);
    const options = { ...plain, topK: 40 };
    const drawn = Array.from({ length: 10 }, (_, i) => drawToken(large, [], options, () => (i + 0.5) / 10));
    for (const token of drawn) expect(order.indexOf(token)).toBeLessThan(40);
    expect(drawToken(large, [], { ...options, topP: 1e-6 }, () => 0.999)).toBe(order[0]);
  });

  it('refuses logits that no token can be drawn from, and a foreign history', () => {
    expect(() => drawToken(Float32Array.of(0, NaN), [], plain, Math.random)).toThrow('logit of token 1 is NaN');
    expect(() => drawToken(Float32Array.of(Infinity, 0), [], plain, Math.random)).toThrow('token 0 is Infinity');
    expect(() => drawToken(Float32Array.of(-Infinity), [], plain, Math.random)).toThrow('no token has a finite logit');
    expect(() => drawToken(new Float32Array(0), [], plain, Math.random)).toThrow('no token has a finite logit');
    expect(() => drawToken(logits, [8], { ...plain, repetitionPenalty: 2 }, Math.random)).toThrow(
      'token 8 of the history is outside a vocabulary of 8',
    );
  });
});

describe('validateSampling', () => {
  it.each([
    [{ temperature: -0.1 }, 'temperature is -0.1, but must be a number from 0 (greedy) up'],
    [{ temperature: NaN }, 'temperature is NaN'],
    [{ temperature: Infinity }, 'temperature is Infinity'],
    [{ topK: 1.5 }, 'topK is 1.5, but must be a whole number from 0 (off) up'],
    [{ topP: 0 }, 'topP is 0, but must be above 0 and at most 1 (off)'],
    [{ topP: 1.01 }, 'topP is 1.01'],
    [{ repetitionPenalty: 0 }, 'repetitionPenalty is 0, but must be a number above 0'],
  ])('names option and range of %o', (options, message) => {
    expect(() => {
      validateSampling({ ...plain, ...options });
    }).toThrow(message);
  });

  it('accepts the edges', () => {
    expect(() => {
      validateSampling({ temperature: 0, topK: 0, topP: 1, repetitionPenalty: 0.5 });
    }).not.toThrow();
  });
});
