import { LabError } from '../../src/core/errors.ts';
import { generate } from '../../src/engine/run/generate.ts';
import { readStopTokens } from '../../src/engine/tokens/stop-tokens.ts';
import { encodePrompt } from '../../src/labs/steer/category-directions.ts';
import { checkpointOptions, openFromOptions } from '../options/checkpoint-options.ts';
import type { Verb } from '../command.ts';
import { readSteering, steeringChoice, steeringOptions } from '../options/steering-options.ts';

export const generateText: Verb = {
  name: 'generate',
  summary: 'generate an answer, with or without steering, and stream it to the terminal',
  options: {
    ...checkpointOptions,
    prompt: { type: 'string', value: 'TEXT', help: 'the prompt', required: true },
    chat: { type: 'boolean', help: 'apply the chat template; otherwise the model continues the raw text' },
    ...steeringOptions,
    seed: { type: 'string', value: 'N', help: 'the same seed gives the same text', default: '0' },
    temperature: { type: 'string', value: 'T', help: '0 for greedy decoding', default: '0.7' },
    'top-k': { type: 'string', value: 'K', help: '0 turns it off', default: '0' },
    'top-p': { type: 'string', value: 'P', help: '1 turns it off', default: '1' },
    'repetition-penalty': { type: 'string', value: 'R', help: '1 turns it off', default: '1' },
    'max-tokens': { type: 'string', value: 'N', help: 'maximum length of the answer', default: '120' },
  },
  async run(options) {
    const sampling = {
      temperature: options.number('temperature'),
      topK: options.count('top-k'),
      topP: options.number('top-p'),
      repetitionPenalty: options.number('repetition-penalty'),
    };
    const seed = options.count('seed');
    const maxTokens = options.count('max-tokens');
    const prompt = options.text('prompt');
    if (prompt.trim() === '') throw new LabError('bad-request', 'The prompt is empty.', 'Give --prompt some text.');
    const choice = steeringChoice(options);
    const checkpoint = await openFromOptions(options);
    const steering = (await readSteering(choice, checkpoint))(1);
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    const tokenizer = await checkpoint.tokenizer();
    const stream = tokenizer.createStream();
    const steps = generate(checkpoint.model, {
      prompts: [encodePrompt(tokenizer, prompt, options.flag('chat') ? 'chat' : 'raw')],
      sampling,
      seed,
      maxTokens,
      stopIds: await readStopTokens(checkpoint.files),
      control: () => ({ steering, readLayer: null }),
      tokensPerSecond: null,
      signal: stop.signal,
    });
    for await (const { tokens } of steps) {
      for (const id of tokens) if (id !== null) process.stdout.write(stream.push(id));
    }
    process.stdout.write('\n');
  },
};
