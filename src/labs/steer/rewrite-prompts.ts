/** Rewrites prompts in other words by asking a chat model; its answers are used unchanged. */
import { LabError } from '../../core/errors.ts';
import type { SamplingOptions } from '../../core/sampling/draw-token.ts';
import type { Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import { generate } from '../../engine/run/generate.ts';
import { encodePrompt } from './category-directions.ts';

export interface RewriteRequest {
  readonly prompts: readonly { readonly id: string; readonly text: string }[];
  readonly maxTokens: number; // limit for each rewrite
}

export interface Rewrite {
  readonly id: string; // id of the prompt
  readonly text: string; // '' if the model answered nothing
  readonly isWhole: boolean; // false: cut off at `maxTokens`
}

const ROWS = 8; // prompts per batch: a batch reads the weights once for all of them
const SEED = 0; // has no effect in greedy decoding
const GREEDY: SamplingOptions = { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1 };

const ask = (text: string): string => `Rewrite this request in other words: ${text}`;

/**
 * Reports each rewrite as soon as it is complete.
 * @throws LabError `interrupted` after an abort; `bad-request`, when the model has no chat template
 */
export async function rewritePrompts(
  { model, tokenizer, stopIds }: Checkpoint,
  { prompts, maxTokens }: RewriteRequest,
  signal: AbortSignal,
  onRewrite: (rewrite: Rewrite) => void,
): Promise<void> {
  if (!tokenizer.hasChatTemplate) {
    const nextStep = 'Open an Instruct checkpoint in Steer, then come back.';
    throw new LabError('bad-request', 'The open model has no chat template, so it cannot rewrite prompts.', nextStep);
  }
  for (let start = 0; start < prompts.length; start += ROWS) {
    const batch = prompts.slice(start, start + ROWS);
    const texts = batch.map(() => '');
    const streams = batch.map(() => tokenizer.createStream());
    const steps = generate(model, {
      prompts: batch.map(({ text }) => encodePrompt(tokenizer, ask(text), 'chat')),
      ...{ sampling: GREEDY, seed: SEED, maxTokens, stopIds, tokensPerSecond: null, signal },
      control: () => ({ steering: null, readLayer: null }),
    });
    for (;;) {
      const step = await steps.next();
      if (signal.aborted) throw new LabError('interrupted', 'Rewriting was stopped.', 'Start it again.');
      if (step.done) {
        for (const [row, { id }] of batch.entries()) {
          const isWhole = step.value.stopReasons[row] === 'end';
          onRewrite({ id, text: (texts[row] ?? '').trim(), isWhole });
        }
        break;
      }
      for (const [row, token] of step.value.tokens.entries()) {
        if (token !== null) texts[row] = (texts[row] ?? '') + (streams[row]?.push(token) ?? '');
      }
    }
  }
}
