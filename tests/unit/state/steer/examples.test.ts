import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HARM_CATEGORIES } from '../../../../src/core/categories.ts';
import { Examples, readExamples } from '../../../../src/state/steer/examples.svelte.ts';

const FILE = join(import.meta.dirname, '../../../../public/prompts/examples.json');
const ADDRESS = new URL('http://localhost/prompts/examples.json');

describe('the example prompts', () => {
  test('the file that ships has some for every category', () => {
    const groups = readExamples(JSON.parse(readFileSync(FILE, 'utf8')));
    expect(groups.map(({ category }) => category)).toEqual(['safe', ...HARM_CATEGORIES]);
    for (const { prompts } of groups) expect(new Set(prompts).size).toBeGreaterThanOrEqual(4);
  });

  test.each([
    null,
    [],
    { version: 2, groups: [] },
    { version: 1, groups: [{ category: 'cheese', name: 'Cheese', prompts: ['Brie?'] }] },
    { version: 1, groups: [{ category: 'safe', name: 'Everyday', prompts: [3] }] },
  ])('refuses %j', (file) => {
    expect(() => readExamples(file)).toThrow(/examples\.json/);
  });

  test('are kept as an error when they cannot be had, and come on a second try', async () => {
    const answers = [new Response('gone', { status: 404 }), new Response('{"version":1,"groups":[]}')];
    const examples = new Examples(ADDRESS, () => Promise.resolve(answers.shift() ?? Response.error()));
    await examples.load();
    expect(examples.error).toMatchObject({ code: 'fetch' });
    expect(examples.error?.message).toContain('404');
    await examples.load();
    expect(examples.error).toBeNull();
  });

  test('say so when the file is not JSON', async () => {
    const examples = new Examples(ADDRESS, () => Promise.resolve(new Response('<html>')));
    await examples.load();
    expect(examples.error).toMatchObject({ code: 'format', message: 'examples.json is not JSON.' });
  });
});
