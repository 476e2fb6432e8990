/** What the columns of published tables are called, and what their names say. */
import { CHAT_NAMES } from './chat-messages.ts';
import { classOfWords } from './label-values.ts';

/** Columns of prompts, the likeliest first. */
export const TEXT_NAMES = ['text', 'prompt', 'goal', 'instruction', 'behavior', 'behaviour', 'forbidden_prompt', 'statement', 'question', 'request', 'sentence', 'query', 'user_input', 'user_prompt', 'prompts', 'questions', 'user', 'message', 'content', ...CHAT_NAMES, 'input']; // prettier-ignore
/** What the name of a list in JSON becomes a column as: `harmful` of `{"harmful": […]}`. */
export const LIST_COLUMN = 'name of the list';
export const CATEGORY_NAMES = ['category', 'semanticcategory', 'harm_category', 'type', 'topic', 'subject'];
/** Texts without which a prompt of the same row is not whole. */
export const CONTEXT_NAMES = ['input', 'context', 'contextstring'];
/** Columns that hold something else than prompts. */
export const NO_TEXT_NAMES = [LIST_COLUMN, 'id', 'ids', 'index', 'idx', 'split', 'source', 'response', 'answer', 'output', 'completion', 'categories', 'tags', 'note', 'focus', 'target', 'language', 'functionalcategory', 'behaviorid']; // prettier-ignore

const LABEL_WORDS = new Set(['label', 'labels', 'class', 'target', 'gold', 'verdict', 'annotation', 'truth']);
/** Also of labels, but which of two classes their 1 stands for is not said. */
const UNCLEAR_WORDS = new Set(['safety', 'rating', 'moderation', 'judgement', 'judgment']);
/** Words of a label column's name that change nothing. */
const FILLERS = new Set(['is', 'prompt', 'user', 'human', 'request', 'query', 'input', 'question', 'text', 'flag', 'ground', 'row', 'score', 'scores']); // prettier-ignore
/** A label of these is none of the prompt. */
const OF_ANSWERS = new Set(['response', 'responses', 'answer', 'output', 'completion', 'assistant', 'reply', 'model', 'refusal']); // prettier-ignore

/**
 * What a column's 1 or yes means by its name. `neutral`: it is called a label and no more, where 1 is the class that is looked
 * for. `unclear`: only words tell its classes. Null: the name is not that of a label.
 */
export type Polarity = 'safe' | 'harmful' | 'truth' | 'neutral' | 'unclear';

/** `isSafe`, `is_safe` and `Is Safe` are the same words. */
const wordsOfName = (name: string): string[] =>
  name
    .normalize('NFKC')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');

/** Whether a column is about a model's answer and not about the prompt. */
export const isOfAnswers = (name: string): boolean => wordsOfName(name).some((word) => OF_ANSWERS.has(word));

export function polarityOf(name: string): Polarity | null {
  const words = wordsOfName(name);
  if (isOfAnswers(name)) return null;
  const rest = words.filter((word) => !FILLERS.has(word));
  const isLabel = (word: string): boolean => LABEL_WORDS.has(word) || UNCLEAR_WORDS.has(word);
  if (rest.length > 0 && rest.every(isLabel)) {
    if (rest.some((word) => UNCLEAR_WORDS.has(word))) return 'unclear';
    return rest.includes('truth') && !words.includes('ground') ? 'truth' : 'neutral';
  }
  return classOfWords(rest.filter((word) => !LABEL_WORDS.has(word)));
}

/** Whether a name is one that tables give to a column, and no word that might as well be a cell's. */
export function isColumnName(cell: string): boolean {
  const name = cell.trim().toLowerCase();
  if ([...TEXT_NAMES, ...CATEGORY_NAMES, ...CONTEXT_NAMES, ...NO_TEXT_NAMES].includes(name)) return true;
  const polarity = polarityOf(cell);
  if (polarity === null) return false;
  return (
    !['safe', 'harmful'].includes(polarity) || wordsOfName(cell).some((word) => word === 'is' || LABEL_WORDS.has(word))
  );
}
