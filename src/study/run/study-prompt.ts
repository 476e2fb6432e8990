import { LabError } from '../../core/errors.ts';
import type { Pooling } from '../../core/pooling.ts';
import type { OlmoTokenizer } from '../../engine/tokenizer.ts';
import type { StudyPooling } from '../../formats/study-plan.ts';
import type { PromptTemplate } from '../category-directions.ts';

/** How prompts are given to the model and read. */
export interface PromptReading {
  readonly template: PromptTemplate;
  readonly pooling: StudyPooling;
  readonly chat: OlmoTokenizer; // whose chat template is used: a base checkpoint has none of its own
}

/**
 * Token ids of a prompt. For `last-of-instruction` the dialogue ends with what the user wrote: no later token can reach that
 * position, so its residual is the last one of the shorter sequence.
 */
export function encodeStudyPrompt(
  tokenizer: OlmoTokenizer,
  text: string,
  { template, pooling, chat }: PromptReading,
): number[] {
  if (template === 'raw') return tokenizer.encode(text);
  const dialogue = chat.renderChat([{ role: 'user', content: text }]);
  if (pooling !== 'last-of-instruction') return tokenizer.encodeRendered(dialogue);
  const written = text.trim(); // templates may trim
  const start = dialogue.lastIndexOf(written);
  if (start < 0) {
    const problem = 'The chat template changes the text of a prompt, so where the instruction ends is not known.';
    throw new LabError('config', problem, 'Choose another pooling.');
  }
  return tokenizer.encodeRendered(dialogue.slice(0, start + written.length));
}

/** What the engine does for a study's pooling. */
export function enginePooling(pooling: StudyPooling): Pooling {
  return pooling === 'last-of-instruction' ? 'last' : pooling;
}
