/** Labelled prompts, as `public/prompts/*.jsonl` and a user's files hold them. */
import { LabError } from '../../core/errors.ts';
import { shownValue } from '../../core/text/quote.ts';
import { parseJsonLines } from '../bytes/jsonl.ts';

export const LABELS = ['safe', 'harmful', 'true', 'false'] as const;
export type Label = (typeof LABELS)[number];

export interface Prompt {
  readonly id: string;
  readonly text: string;
  readonly label: Label;
  readonly category: string; // a harm category, or what a safe or factual row is about
  readonly split: string;
  readonly rewriteOf?: string; // id of the prompt that this one rewrites
}

/** Reads a JSON Lines set. Throws `format` errors that name the file, line and field. */
export function parsePromptSet(name: string, text: string): Prompt[] {
  return parseJsonLines(name, text).map(({ line, value }) => {
    const field = (key: string): string => {
      const entry = value[key];
      if (typeof entry === 'string' && entry !== '') return entry;
      throw new LabError(
        'format',
        `${name}, line ${line}: "${key}" is not text.`,
        'Every row needs id, text, label, category and split.',
      );
    };
    const label = LABELS.find((known) => known === value['label']);
    if (label === undefined) {
      throw new LabError(
        'format',
        `${name}, line ${line}: the label ${shownValue(value['label'])} is unknown.`,
        `Use ${LABELS.join(', ')}.`,
      );
    }
    const prompt = { id: field('id'), text: field('text'), label, category: field('category'), split: field('split') };
    return value['rewriteOf'] === undefined ? prompt : { ...prompt, rewriteOf: field('rewriteOf') };
  });
}

/** JSON Lines as `parsePromptSet` reads them and `public/prompts` holds them. */
export const promptLines = (prompts: readonly Prompt[]): string =>
  prompts.map((prompt) => `${JSON.stringify(prompt)}\n`).join('');
