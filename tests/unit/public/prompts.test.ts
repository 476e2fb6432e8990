import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { auroc } from '../../../src/core/statistics/auroc.ts';
import { HARM_CATEGORIES } from '../../../src/core/categories.ts';
import type { Prompt } from '../../../src/formats/prompts/prompt-set.ts';
import { promptSet, PROMPT_FILES, PUBLIC, publicJson } from '../../support/public-files.ts';

const SETS = new Map(PROMPT_FILES.map((file) => [file, promptSet(file)]));
const set = (file: (typeof PROMPT_FILES)[number]): Prompt[] => SETS.get(file) ?? [];
const TRAIN = set('harm-train.jsonl');
const TEST = set('harm-test.jsonl');
const REWRITTEN = set('harm-rewritten.jsonl');
const OUT_OF_DISTRIBUTION = ['ood-questions.jsonl', 'ood-imperatives.jsonl', 'ood-behaviours.jsonl'] as const;

const sizeOf = (prompts: readonly Prompt[], category: string): number =>
  prompts.filter((prompt) => prompt.category === category).length;
const words = (text: string): string[] => text.toLowerCase().match(/[a-z']+/g) ?? [];

describe('the prompt sets', () => {
  it('are as many as the study needs', () => {
    for (const category of HARM_CATEGORIES) {
      expect(sizeOf(TRAIN, category), category).toBeGreaterThanOrEqual(300);
      expect(sizeOf(TEST, category), category).toBeGreaterThanOrEqual(100);
      for (const file of OUT_OF_DISTRIBUTION) expect(sizeOf(set(file), category), category).toBeGreaterThan(0);
    }
    expect(sizeOf(TRAIN, 'safe')).toBeGreaterThanOrEqual(1000);
    expect(sizeOf(TEST, 'safe')).toBeGreaterThanOrEqual(400);
    for (const file of OUT_OF_DISTRIBUTION) expect(sizeOf(set(file), 'safe')).toBeGreaterThan(0);
  });

  it('know the seven categories and safe, labelled alike', () => {
    for (const file of PROMPT_FILES.filter((name) => name !== 'truth.jsonl')) {
      for (const { label, category, id } of set(file)) {
        const isKnown = ['safe', 'contrast', ...HARM_CATEGORIES].includes(category);
        expect(isKnown && label === (category === 'safe' ? 'safe' : 'harmful'), id).toBe(true);
      }
    }
    const labels = set('truth.jsonl').map(({ label }) => label);
    expect(new Set(labels)).toEqual(new Set(['true', 'false']));
    expect(labels.filter((label) => label === 'true').length * 2).toBe(labels.length);
  });

  it('have no prompt in two splits or two files, letter case and punctuation aside', () => {
    const placeOf = new Map<string, string>();
    const strays: string[] = [];
    for (const [file, prompts] of SETS) {
      for (const { text, split } of prompts) {
        const normalised = words(text).join(' ');
        const place = `${file}, ${split}`;
        if ((placeOf.get(normalised) ?? place) !== place) strays.push(text);
        placeOf.set(normalised, place);
      }
    }
    expect(strays).toEqual([]);
    expect(placeOf.size).toBeGreaterThan(8000);
  });

  it('have no id twice, and no text twice in a set', () => {
    const all = [...SETS.values()].flat();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const prompts of SETS.values()) expect(new Set(prompts.map(({ text }) => text)).size).toBe(prompts.length);
  });

  it('in English are enough for every harm, and each harmful one has a harmless one of about its length', () => {
    for (const [file, least] of [['english-train.jsonl', 60], ['english-test.jsonl', 30], ['english-rewritten.jsonl', 30]] as const) {
      const prompts = set(file);
      for (const category of HARM_CATEGORIES) expect(sizeOf(prompts, category), `${file}, ${category}`).toBeGreaterThanOrEqual(least);
      const byId = new Map(prompts.map((prompt) => [prompt.id, prompt]));
      for (const { id, label, text, rewriteOf } of prompts) {
        if (rewriteOf !== undefined) expect(set('english-test.jsonl').some((prompt) => prompt.id === rewriteOf), id).toBe(true);
        if (label !== 'harmful') continue;
        const harmless = byId.get(id.replace('-harmful-', '-safe-'));
        expect(Math.abs(words(text).length - words(harmless?.text ?? '').length), id).toBeLessThanOrEqual(4);
      }
    }
    expect(sizeOf(set('english-train.jsonl'), 'contrast')).toBeGreaterThanOrEqual(30);
  });

  it('have every test prompt once more, rewritten', () => {
    const byId = new Map(TEST.map((prompt) => [prompt.id, prompt]));
    expect(REWRITTEN.length).toBe(TEST.length);
    expect(new Set(REWRITTEN.map(({ rewriteOf }) => rewriteOf)).size).toBe(TEST.length);
    for (const { rewriteOf, category, text } of REWRITTEN) {
      const original = byId.get(rewriteOf ?? '');
      expect(original?.category).toBe(category);
      expect(original?.text).not.toBe(text);
    }
  });

  it('are described by prompts.json: counts, sizes, digests', () => {
    const index = publicJson('prompts/prompts.json') as {
      categories: { key: string; name: string }[];
      files: { file: string; prompts: number; sha256: string; bytes: number; counts: Record<string, number> }[];
    };
    expect(index.categories.map(({ key }) => key)).toEqual([...HARM_CATEGORIES]);
    expect(index.files.map(({ file }) => file).sort()).toEqual([...PROMPT_FILES].sort());
    expect(readdirSync(join(PUBLIC, 'prompts')).filter((file) => file.endsWith('.jsonl')).sort()).toEqual(
      [...PROMPT_FILES].sort(),
    );
    for (const { file, prompts, sha256, bytes, counts } of index.files) {
      const content = readFileSync(join(PUBLIC, 'prompts', file));
      expect(createHash('sha256').update(content).digest('hex'), file).toBe(sha256);
      expect(content.byteLength).toBe(bytes);
      const found = SETS.get(file as (typeof PROMPT_FILES)[number]) ?? [];
      expect(found.length).toBe(prompts);
      for (const [key, count] of Object.entries(counts)) {
        expect(found.filter(({ category, label }) => category === key || label === key).length, `${file} ${key}`).toBe(count);
      }
    }
  });
});

/** Words that say nothing of what a prompt is about: articles, auxiliaries, question words, pronouns. */
const FUNCTION_WORDS = new Set(
  ['a', 'an', 'can', 'do', 'how', 'i', 'is', 'me', 'some', 'the', 'there', 'to', 'what', 'where', 'you'],
); // prettier-ignore

const contentWords = (prompts: readonly Prompt[]): Set<string> =>
  new Set(prompts.flatMap(({ text }) => words(text)).filter((word) => !FUNCTION_WORDS.has(word)));

/** A crude stem, so that `strangers` counts as `stranger`, `robbing` as `rob`. */
const stem = (word: string): string => word.replace(/(?:ies|y)$/, 'i').replace(/(?:ing|ed|es|s|e)$/, '').replace(/(.)\1$/, '$1'); // prettier-ignore

/** Words of one stem and two meanings, in training and in rewritten prompts: “practice running”, “run a feast”. */
const HOMOGRAPHS = new Set(['run']);

const TRAINED = contentWords(TRAIN); // of all categories

describe('the rewritten prompts', () => {
  const of = (prompts: readonly Prompt[], category: string): Prompt[] =>
    prompts.filter((prompt) => prompt.category === category);

  it.each(['safe', ...HARM_CATEGORIES])('share no content word with the training prompts: %s', (category) => {
    const rewritten = contentWords(of(REWRITTEN, category));
    const trained = contentWords(of(TRAIN, category));
    const stems = new Set([...trained].map(stem));
    expect([...rewritten].filter((word) => trained.has(word) || TRAINED.has(word))).toEqual([]);
    expect([...rewritten].filter((word) => stems.has(stem(word)) && !HOMOGRAPHS.has(word))).toEqual([]);
    expect(rewritten.size).toBeGreaterThan(20);
  });

  it('are listed word by word in content-words.json', () => {
    const listed = publicJson('prompts/content-words.json') as Record<string, unknown>;
    expect(listed['functionWords']).toEqual([...FUNCTION_WORDS]);
    for (const category of ['safe', ...HARM_CATEGORIES]) {
      expect(listed[category]).toEqual({
        train: [...contentWords(of(TRAIN, category))].sort(),
        rewritten: [...contentWords(of(REWRITTEN, category))].sort(),
      });
    }
  });
});

/**
 * Length and punctuation must not tell the classes apart. Measure: the AUROC of the number of words, harmful over safe, is within
 * 0.05 of chance; the share of every kind of end differs by at most 8 points; and nothing but the end is punctuation. In
 * characters they are not matched (AUROC 0.61 to 0.76: words of harm are longer), which a model whose words are single tokens
 * does not see.
 */
describe.each(PROMPT_FILES.filter((file) => file !== 'truth.jsonl' && !file.startsWith('english')))('%s', (file) => {
  const harmful = set(file).filter(({ label }) => label === 'harmful');
  const safe = set(file).filter(({ label }) => label === 'safe');

  it('has classes of one length', () => {
    const lengths = (prompts: readonly Prompt[]): Float64Array => Float64Array.from(prompts, ({ text }) => words(text).length);
    expect(Math.abs(auroc(lengths(harmful), lengths(safe)) - 0.5)).toBeLessThanOrEqual(0.05);
  });

  it('has classes of one punctuation', () => {
    const marks = new Set([...harmful, ...safe].map(({ text }) => text.replaceAll(/[\w\s]/g, '')));
    for (const mark of marks) {
      const share = (prompts: readonly Prompt[]): number =>
        prompts.filter(({ text }) => text.replaceAll(/[\w\s]/g, '') === mark).length / prompts.length;
      expect(Math.abs(share(harmful) - share(safe)), mark).toBeLessThanOrEqual(0.08);
      expect(mark).toMatch(/^[.?!]$/);
    }
  });
});

describe('the examples', () => {
  it('offer some prompts of every category', () => {
    const { groups } = publicJson('prompts/examples.json') as {
      groups: { category: string; name: string; prompts: string[] }[];
    };
    expect(groups.map(({ category }) => category)).toEqual(['safe', ...HARM_CATEGORIES]);
    for (const { prompts, name } of groups) {
      expect(name).not.toBe('');
      expect(prompts.length).toBeGreaterThanOrEqual(4);
      expect(prompts.every((text) => text.trim() !== '')).toBe(true);
    }
  });
});
