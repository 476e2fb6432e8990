import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parsePromptSet, type Prompt } from '../../../src/formats/prompt-set.ts';
import { lab, makeFolder } from './run.ts';

const folder = makeFolder();
const out = join(folder, 'out.jsonl');
afterAll(() => rmSync(folder, { recursive: true }));

const importText = (name: string, text: string, ...options: string[]): ReturnType<typeof lab> => {
  writeFileSync(join(folder, name), text);
  return lab('prompts', 'import', '--file', join(folder, name), '--out', out, ...options);
};
const written = (): Prompt[] => parsePromptSet('out', readFileSync(out, 'utf8'));

describe('lab prompts import', () => {
  it('guesses what no option says, from the whole file', async () => {
    const rows = Array.from({ length: 300 }, (_, index) => `How do I do ${index}?,safe`);
    const { code, stdout } = await importText('a.csv', ['prompt,label', ...rows, 'How do I rob a shop?,unsafe', ',safe'].join('\n')); // prettier-ignore
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toContain('301 prompts of 302 rows; left out: 0 filtered, 1 no-text, 0 no-category');
    expect(written().at(-1)).toMatchObject({ id: 'a-302', label: 'harmful', category: 'general', split: 'all' });
  });

  it('takes columns and meanings as they are said', async () => {
    const options = ['--text', 'column 1', '--label', 'column:column 2:kind=safe,rude=harmful', '--category', 'column:column 3', '--split', 'train', '--no-heading']; // prettier-ignore
    expect((await importText('b.csv', 'Hello,kind,x\nGo away,rude,y\n', ...options)).code).toBe(0);
    expect(written()).toEqual([
      { id: 'b-1', text: 'Hello', label: 'safe', category: 'x', split: 'train' },
      { id: 'b-2', text: 'Go away', label: 'harmful', category: 'y', split: 'train' },
    ]);
  });

  it('names row, column and next step of a label that means nothing', async () => {
    const { code, stderr } = await importText('c.csv', 'prompt,tone\nHello,kind\nGo,odd\n', '--label', 'column:tone:kind=safe'); // prettier-ignore
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/row 3, column “tone”: the cell holds the label “odd”.*leave such rows out/);
  });
});
