/** Prompts that a test shares with training, or that are read twice, in sentences for whoever leans on the numbers. */
import { counted } from '../core/text/plural.ts';
import { shown, shownNames } from '../core/text/quote.ts';
import type { SharedPrompts } from '../formats/study/study-results.ts';

const MOST_SETS = 4; // that a sentence names

/** What is trained on first: it makes numbers wrong, where repeats only make them look surer. */
export function sharedLines(shared: readonly SharedPrompts[]): string[] {
  const [trainedOn, repeated] = (['trained-on', 'repeated'] as const).map((kind) => shared.filter((one) => one.kind === kind)); // prettier-ignore
  return [...(trainedOn ?? []).map(trainedOnText), ...(repeated ?? []).map(repeatedText)];
}

function trainedOnText({ test, sets, prompts, of, otherLabel }: SharedPrompts): string {
  const other = otherLabel === 0 ? '' : `, ${otherLabel} of them with a different label`;
  return `Test “${shown(test ?? '')}”: ${prompts} of its ${counted(of, 'prompt')} ${isOrAre(prompts)} also in training${other} (${named(sets)}), so its numbers are not held-out results.`;
}

function repeatedText({ test, sets, prompts, of, otherLabel }: SharedPrompts): string {
  const where = test === null ? 'Training' : `Test “${shown(test)}”`;
  const [repeats, counts] = prompts === 1 ? ['repeats', 'counts'] : ['repeat', 'count'];
  const other = otherLabel === 0 ? '' : `; ${otherLabel} of them ${otherLabel === 1 ? 'has' : 'have'} a different label`; // prettier-ignore
  return `${where}: ${prompts} of ${counted(of, 'prompt')} ${repeats} the text of another (${named(sets)}) and ${counts} twice, so intervals are too narrow${other}.`;
}

const isOrAre = (count: number): string => (count === 1 ? 'is' : 'are');
const named = (sets: readonly string[]): string => `in ${shownNames(sets.map((name) => `“${name}”`), MOST_SETS)}`; // prettier-ignore
