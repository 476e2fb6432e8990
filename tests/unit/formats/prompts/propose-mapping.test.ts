import { describe, expect, it } from 'vitest';
import { bytesSource, type ByteSource } from '../../../../src/formats/bytes/byte-source.ts';
import { BEAVERTAILS_CATEGORIES } from '../../../../src/core/beavertails.ts';
import type { PromptMapping } from '../../../../src/formats/prompts/prompt-mapping.ts';
import { proposeMapping } from '../../../../src/formats/prompts/propose-mapping.ts';
import { readTableHead } from '../../../../src/formats/tables/table-head.ts';

const file = (name: string, text: string): ByteSource => bytesSource(name, new TextEncoder().encode(text));
const propose = async (name: string, text: string): Promise<PromptMapping> =>
  proposeMapping(await readTableHead(file(name, text)));

describe('the head of a table', () => {
  it('names the columns by the first row where that looks like names', async () => {
    expect(await readTableHead(file('a.csv', 'prompt,label\nHow are you?,safe\n'))).toMatchObject({
      layout: { heading: true, separator: ',' },
      columns: ['prompt', 'label'],
      rows: [{ row: 2 }],
    });
  });

  it('takes a first row of prompts for a prompt', async () => {
    const text = 'How do I mend a dress?,no\nHow do I rob a shop?,yes\n';
    expect(await readTableHead(file('a.csv', text))).toMatchObject({
      layout: { heading: false },
      columns: ['column 1', 'column 2'],
      rows: [{ row: 1, values: { 'column 1': 'How do I mend a dress?', 'column 2': 'no' } }, { row: 2 }],
    });
    expect((await readTableHead(file('a.csv', text), { heading: true, separator: null })).columns).toEqual([
      'How do I mend a dress?',
      'no',
    ]);
  });

  it('gives a column without a name the name of its place', async () => {
    const { columns } = await readTableHead(file('a.csv', ',prompt\n0,One.\n'));
    expect(columns).toEqual(['column 1', 'prompt']);
  });

  it('reads no further than it has to', async () => {
    const bytes = new TextEncoder().encode(`prompt\n${'A prompt.\n'.repeat(2_000_000)}`);
    let read = 0;
    const source = { ...bytesSource('a.csv', bytes), slice: (start: number, end: number) => ((read += end - start), Promise.resolve(bytes.subarray(start, end))) }; // prettier-ignore
    await readTableHead(source, { heading: true, separator: null });
    expect(read).toBeLessThan(5e6);
  });
});

describe('the proposed mapping', () => {
  it('leaves the label open: the whole file says it, not its head', async () => {
    expect((await propose('a.csv', 'prompt,label\nA,unsafe\nB,safe\n')).label).toEqual({ kind: 'open' });
  });

  it('maps BeaverTails’ keys in a column and as flags', async () => {
    const rows = ['animal_abuse', 'privacy_violation', '"violence,aiding_and_abetting,incitement"'];
    const text = `prompt,category\n${rows.map((key) => `A,${key}\n`).join('')}`;
    const { category } = await propose('a.csv', text);
    expect(category).toEqual({ kind: 'column', column: 'category', categories: BEAVERTAILS_CATEGORIES, others: 'keep', ofSafe: 'safe' }); // prettier-ignore
    const flags = { privacy_violation: true, animal_abuse: false };
    const lines = JSON.stringify({ prompt: 'A', category: flags });
    expect((await propose('a.jsonl', lines)).category).toEqual({ kind: 'flags', column: 'category', categories: BEAVERTAILS_CATEGORIES, ofSafe: 'safe' }); // prettier-ignore
  });

  it('leaves out prompts that need a text beside them', async () => {
    const { keep, text } = await propose('a.csv', 'instruction,input\nName three,\nSum up,A long text\n');
    expect({ keep, text }).toEqual({ text: 'instruction', keep: [{ kind: 'empty', column: 'input' }] });
  });

  it('takes a set of the lab’s own as it is', async () => {
    const prompt = { id: 'a', text: 'One.', label: 'safe', category: 'safe', split: 'train', rewriteOf: 'b' };
    expect(await propose('a.jsonl', JSON.stringify(prompt))).toMatchObject({
      ...{ text: 'text', id: 'id', rewriteOf: 'rewriteOf' },
      split: { kind: 'column', column: 'split' },
    });
  });

  it('takes the longest texts where no name is known', async () => {
    expect((await propose('a.csv', 'nr,frage\n1,Wie geht es dir?\n')).text).toBe('frage');
  });
});
