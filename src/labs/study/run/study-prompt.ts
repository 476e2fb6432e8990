import type { Pooling } from '../../../core/probes/pooling.ts';
import type { OlmoTokenizer } from '../../../engine/tokens/tokenizer.ts';
import type { StudyPooling } from '../../../formats/study/study-plan.ts';
import { encodePrompt } from '../../steer/category-directions.ts';
import type { PromptTemplate } from '../../../formats/prompts/prompt-template.ts';

/** How prompts are given to the model and read. */
export interface PromptReading {
  readonly template: PromptTemplate;
  readonly pooling: StudyPooling;
  readonly chat: OlmoTokenizer; // whose chat template is used: a base checkpoint has none of its own
}

/**
 * Token ids of a prompt. For `last-of-instruction` these are the first tokens of the whole dialogue, up to the one that holds the
 * last character of what the user wrote: no later token can reach that position, so its residual is the last one of the shorter
 * sequence.
 */
export function encodeStudyPrompt(
  tokenizer: OlmoTokenizer,
  text: string,
  { template, pooling, chat }: PromptReading,
): number[] {
  const isUpToText = pooling === 'last-of-instruction';
  if (template === 'raw') return isUpToText ? tokenizer.encodeUpToText(text) : encodePrompt(tokenizer, text, 'raw');
  if (!isUpToText) return tokenizer.encodeRendered(chat.renderChat([{ role: 'user', content: text }]));
  const { dialogue, end } = chat.placeInstruction(text);
  return tokenizer.encodeRenderedUpTo(dialogue, end);
}

/** What the engine does for a study's pooling. */
export function enginePooling(pooling: StudyPooling): Pooling {
  return pooling === 'last-of-instruction' ? 'last' : pooling;
}
