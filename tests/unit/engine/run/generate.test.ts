import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeL2 } from '../../../../src/core/linalg/vectors.ts';
import {
  generate,
  type GenerateRequest,
  type GenerationStep,
  type GenerationSummary,
} from '../../../../src/engine/run/generate.ts';
import type { OlmoModel } from '../../../../src/engine/run/model.ts';
import { madeUpFiles, memoryFiles, openModel } from '../../../support/checkpoint-fixtures.ts';

let model: OlmoModel;
beforeAll(async () => {
  model = await openModel(memoryFiles(madeUpFiles()));
});
afterAll(() => model.dispose());

const GREEDY = { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1 };
const WARM = { ...GREEDY, temperature: 1 };
const PROMPT = [5, 17, 250, 33, 8, 120, 7];

const request = (changes: Partial<GenerateRequest> = {}): GenerateRequest => ({
  prompts: [PROMPT],
  sampling: WARM,
  seed: 7,
  maxTokens: 12,
  stopIds: new Set(),
  control: () => ({ steering: null, readLayer: null }),
  tokensPerSecond: null,
  signal: new AbortController().signal,
  ...changes,
});

interface Run {
  readonly steps: GenerationStep[];
  readonly rows: number[][]; // drawn tokens of each row
  readonly summary: GenerationSummary;
}

async function run(
  changes: Partial<GenerateRequest>,
  onStep: (step: GenerationStep) => void = () => undefined,
): Promise<Run> {
  const asked = request(changes);
  const rows: number[][] = asked.prompts.map(() => []);
  const steps: GenerationStep[] = [];
  const generation = generate(model, asked);
  for (;;) {
    const step = await generation.next();
    if (step.done) return { steps, rows, summary: step.value };
    steps.push(step.value);
    for (const [row, token] of step.value.tokens.entries()) if (token !== null) rows[row]?.push(token);
    onStep(step.value);
  }
}

/** A push on `rows` at a layer, the same on every row or on one. */
function push(rows: number, layer: number, strength: number, onlyRow: number | null = null): Float32Array {
  const { layers, hiddenSize } = model.config;
  const steering = new Float32Array(layers * rows * hiddenSize);
  for (let row = 0; row < rows; row++) {
    if (onlyRow !== null && row !== onlyRow) continue;
    const start = (layer * rows + row) * hiddenSize;
    for (let i = 0; i < hiddenSize; i++) steering[start + i] = strength * Math.cos(i * 3);
  }
  return steering;
}

describe('generate', () => {
  it('gives the same tokens for the same seed, others for another', async () => {
    const first = await run({});
    expect(first.rows[0]).toHaveLength(12);
    expect((await run({})).rows).toEqual(first.rows);
    expect((await run({ seed: 8 })).rows).not.toEqual(first.rows);
    expect(first.summary).toMatchObject({ stopReasons: ['length'], decodeRuns: 12 });
  });

  it('draws greedily what full recomputation draws', async () => {
    const { rows } = await run({ sampling: GREEDY, maxTokens: 10 });
    const expected: number[] = [];
    for (let i = 0; i < 10; i++) {
      const ids = [...PROMPT, ...expected];
      const cache = model.createCache(1, ids.length);
      const { logits } = await model.forward({ ids: [ids], cache, logits: 'last', residuals: [] });
      cache.dispose();
      const values = logits ?? new Float32Array();
      expected.push(values.indexOf(Math.max(...values)));
    }
    expect(rows[0]).toEqual(expected);
  });

  it('draws in rows of unequal length what each draws alone', async () => {
    const prompts = [PROMPT, [9], [200, 4, 4, 31, 6, 77, 12, 290, 3, 3, 2]];
    const together = await run({ prompts });
    for (const [row, prompt] of prompts.entries()) {
      expect((await run({ prompts: [prompt] })).rows[0]).toEqual(together.rows[row]);
    }
  });

  it('stops a row at a stop token, which is not text, and goes on with the others', async () => {
    const free = await run({ prompts: [PROMPT, [9]] });
    const stop = free.rows[0]?.[4] ?? -1;
    const firstAt = free.rows.map((row) => row.indexOf(stop));
    const { rows, summary } = await run({ prompts: [PROMPT, [9]], stopIds: new Set([stop]) });
    for (const [row, at] of firstAt.entries()) {
      expect(rows[row]).toEqual(at < 0 ? free.rows[row] : free.rows[row]?.slice(0, at));
      expect(summary.stopReasons[row]).toBe(at < 0 ? 'length' : 'end');
    }
  });

  it('ends where every row has ended', async () => {
    const free = await run({});
    const { rows, summary } = await run({ stopIds: new Set([free.rows[0]?.[2] ?? -1]) });
    expect(rows[0]?.length).toBeLessThanOrEqual(2);
    expect(summary.stopReasons).toEqual(['end']);
    expect(summary.decodeRuns).toBe(rows[0]?.length);
  });

  it('stops within one token of an abort, without an error', async () => {
    const stop = new AbortController();
    const { rows, summary } = await run({ signal: stop.signal }, ({ index }) => {
      if (index === 3) stop.abort();
    });
    expect(rows[0]).toEqual((await run({})).rows[0]?.slice(0, 4));
    expect(summary).toMatchObject({ stopReasons: ['interrupted'], decodeRuns: 3 });
  });

  it('stops by a message that arrives while it runs, since it lets the event loop turn', async () => {
    const stop = new AbortController();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => stop.abort();
    const { rows, summary } = await run({ signal: stop.signal, maxTokens: 50 }, ({ index }) => {
      if (index === 0) port2.postMessage(null);
    });
    port1.close();
    expect(summary.stopReasons).toEqual(['interrupted']);
    expect(rows[0]?.length).toBeLessThan(50);
  });

  it('stops while it waits for its pace', async () => {
    const stop = new AbortController();
    const { summary } = await run({ signal: stop.signal, tokensPerSecond: 0.001 }, () => {
      setTimeout(() => stop.abort(), 20); // of the thousand seconds that a token would take
    });
    expect(summary.stopReasons).toEqual(['interrupted']);
  });

  it('keeps to its pace', async () => {
    const start = performance.now();
    await run({ maxTokens: 5, tokensPerSecond: 50 });
    expect(performance.now() - start).toBeGreaterThanOrEqual(5 * 20 - 5); // timers may fire up to a few ms early
  });

  it('leaves the tokens before a change of steering as they were', async () => {
    const plain = await run({ sampling: GREEDY });
    let runs = 0;
    const { rows } = await run({
      sampling: GREEDY,
      control: () => ({ steering: runs++ < 5 ? null : push(1, 1, 5), readLayer: null }),
    });
    expect(rows[0]?.slice(0, 5)).toEqual(plain.rows[0]?.slice(0, 5)); // drawn by runs 0 to 4
    expect(rows[0]).not.toEqual(plain.rows[0]);
  });

  it('steers one row and leaves the other as it is', async () => {
    const alone = await run({});
    const pair = await run({
      prompts: [PROMPT, PROMPT],
      control: () => ({ steering: push(2, 0, 4, 1), readLayer: null }),
    });
    expect(pair.rows[0]).toEqual(alone.rows[0]);
    expect(pair.rows[1]).not.toEqual(alone.rows[0]);
    const unsteered = await run({
      prompts: [PROMPT, PROMPT],
      control: () => ({ steering: push(2, 0, 0, 1), readLayer: null }),
    });
    expect(unsteered.rows[1]).toEqual(unsteered.rows[0]);
  });

  it('reads the residual of every token that it fed, push included', async () => {
    const steering = push(1, 1, 2);
    const { steps, rows } = await run({ control: () => ({ steering, readLayer: 1 }), maxTokens: 6 });
    expect(steps.map(({ read }) => read[0] !== null)).toEqual([false, true, true, true, true, true, true]);
    expect(steps.map(({ tokens }) => tokens[0] !== null)).toEqual([true, true, true, true, true, true, false]);
    const ids = [...PROMPT, ...(rows[0] ?? [])];
    const cache = model.createCache(1, ids.length);
    const { residuals } = await model.forward({ ids: [ids], cache, steering, logits: 'none', residuals: [1] });
    cache.dispose();
    const { hiddenSize } = model.config;
    for (const { index, read } of steps) {
      const [activation] = read;
      if (!activation) continue;
      const position = PROMPT.length + index - 1; // token index − 1 of the answer
      const expected = residuals.get(1)?.subarray(position * hiddenSize, (position + 1) * hiddenSize);
      expect(relativeL2(activation, expected ?? new Float32Array())).toBeLessThan(1e-5);
    }
  });

  it('says to its control which run feeds the prompt', async () => {
    const phases: string[] = [];
    await run({
      maxTokens: 3,
      control: (phase) => {
        phases.push(phase);
        return { steering: null, readLayer: null };
      },
    });
    expect(phases).toEqual(['prompt', 'generated', 'generated', 'generated']);
  });

  it('fills the context to the last token', async () => {
    const { rows } = await run({ maxTokens: 64 - PROMPT.length });
    expect(rows[0]).toHaveLength(57);
  });

  it.each([
    ['more tokens than the context', { maxTokens: 58 }, 'context-length', /7 tokens .* 58; .* 64/],
    ['an empty prompt', { prompts: [PROMPT, []] }, 'bad-request', /prompt is empty/],
    ['no prompt', { prompts: [] }, 'bad-request', /prompt/],
    ['no tokens to draw', { maxTokens: 0 }, 'bad-request', /maxTokens is 0/],
    ['a fraction of a token', { maxTokens: 1.5 }, 'bad-request', /maxTokens is 1\.5/],
    ['a standstill', { tokensPerSecond: 0 }, 'bad-request', /tokensPerSecond is 0/],
    ['a negative temperature', { sampling: { ...GREEDY, temperature: -1 } }, 'bad-request', /temperature/],
    ['a token outside of the vocabulary', { prompts: [[1, 300]] }, 'bad-request', /Token 300/],
  ])('refuses %s', async (_, changes, code, message) => {
    await expect(run(changes)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
  });

  it('runs again after an answer that was given up in the middle', async () => {
    const generation = generate(model, request());
    await generation.next();
    await generation.return({ stopReasons: [], prefillMs: 0, decodeMs: 0, decodeRuns: 0 });
    expect((await run({})).rows[0]).toHaveLength(12);
  });
});
