/** The files that the project is shipped with, as the tests of the public data read them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePromptSet, type Prompt } from '../../src/formats/prompts/prompt-set.ts';

export const PUBLIC = join(import.meta.dirname, '../../public');

export const readPublic = (path: string): string => readFileSync(join(PUBLIC, path), 'utf8');

export const publicJson = (path: string): unknown => JSON.parse(readPublic(path));

export const promptSet = (file: string): Prompt[] => parsePromptSet(file, readPublic(`prompts/${file}`));

export const PROMPT_FILES = [
  'harm-train.jsonl',
  'harm-dev.jsonl',
  'harm-test.jsonl',
  'harm-rewritten.jsonl',
  'ood-questions.jsonl',
  'ood-imperatives.jsonl',
  'ood-behaviours.jsonl',
  'truth.jsonl',
  'english-train.jsonl',
  'english-test.jsonl',
  'english-rewritten.jsonl',
] as const;
