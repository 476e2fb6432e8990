import { shown } from '../../src/core/text/quote.ts';
import { checkLogits } from '../../src/engine/run/finite-checks.ts';
import { writeSafetensors } from '../../src/formats/bytes/safetensors.ts';
import { checkpointOptions, openFromOptions, type OpenedCheckpoint } from '../options/checkpoint-options.ts';
import type { Verb } from '../command.ts';
import { showProgress, writeOutput } from '../files/output.ts';
import { readPrompts } from '../options/prompt-options.ts';
import { readSteering, steeringChoice, steeringOptions, type SteeringOfRows } from '../options/steering-options.ts';

export const logits: Verb = {
  name: 'logits',
  summary: 'compute the logits after the last token of each prompt, as safetensors logits [prompts, vocab]',
  options: {
    ...checkpointOptions,
    prompts: { type: 'string', value: 'FILE.jsonl', help: 'rows of {"id", "text"} or {"id", "ids"}', required: true },
    chat: { type: 'boolean', help: 'apply the model’s chat template to texts' },
    ...steeringOptions,
    out: { type: 'string', value: 'FILE', help: 'output file (safetensors)', required: true },
  },
  async run(options) {
    const choice = steeringChoice(options);
    const checkpoint = await openFromOptions(options);
    const steering = await readSteering(choice, checkpoint);
    const prompts = await readPrompts(options.text('prompts'), checkpoint, options.flag('chat') ? 'chat' : 'raw');
    const { vocabSize } = checkpoint.model.config;
    const data = new Float32Array(prompts.tokens.length * vocabSize);
    const progress = showProgress('prompts');
    for (const [index, tokens] of prompts.tokens.entries()) {
      const last = await lastLogits(checkpoint, tokens, steering);
      checkLogits(last, `after prompt ${index + 1} (${shown(prompts.ids[index] ?? '')})`);
      data.set(last, index * vocabSize);
      progress(index + 1, prompts.tokens.length);
    }
    const metadata = { ids: JSON.stringify(prompts.ids), checkpoint: checkpoint.label };
    const file = writeSafetensors({ logits: { shape: [prompts.tokens.length, vocabSize], data } }, metadata);
    await writeOutput(options.text('out'), file);
  },
};

/** Logits [vocab] after the last token. */
async function lastLogits(
  { model }: OpenedCheckpoint,
  tokens: readonly number[],
  steering: SteeringOfRows,
): Promise<Float32Array> {
  const request = { ids: [tokens], cache: null, steering: steering(1), logits: 'last', residuals: [] } as const;
  const { logits } = await model.forward(request);
  return logits ?? new Float32Array();
}
