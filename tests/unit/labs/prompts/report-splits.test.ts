/** Tables with splits, and tables of one class: nothing of either is passed over without a word. */
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/formats/bytes/byte-source.ts';
import { decideImport } from '../../../../src/labs/prompts/decide-import.ts';
import { readMappedTable } from '../../../../src/labs/prompts/import-prompts.ts';
import { NO_HINTS, reportMapping, reportResult } from '../../../../src/labs/prompts/import-report.ts';
import { duplicatesWithin } from '../../../../src/labs/prompts/prompt-duplicates.ts';

interface Imported {
  readonly splits: readonly string[];
  readonly said: readonly string[];
}

async function imported(name: string, text: string): Promise<Imported> {
  const source = bytesSource(name, new TextEncoder().encode(text));
  const { head, mapping } = await decideImport(source);
  const table = await readMappedTable(source, mapping, { layout: head.layout });
  const { report } = await duplicatesWithin(table.prompts, { kind: 'exact' });
  const said = [...reportMapping(mapping, [], { ...NO_HINTS, split: () => 'how' }), ...reportResult(table, report)];
  return { splits: table.prompts.map(({ split }) => split), said };
}

const withColumn = (name: string, values: readonly string[]): string =>
  [`prompt,label,${name}`, ...values.map((value, row) => `Prompt ${row}?,${row % 2},${value}`)].join('\n');

describe('a column of splits', () => {
  it.each([
    ['split', ['train', 'test'], ['train', 'test']],
    ['Split', ['Train', 'TRAIN', ' test '], ['train', 'train', 'test']],
    ['data_split', ['training', 'val'], ['training', 'val']],
    ['partition', ['dev', 'held-out'], ['dev', 'held-out']],
    ['splits', ['train_sft', 'test-ood'], ['train_sft', 'test-ood']],
    ['split', ['train', '', 'NaN', 'validation'], ['train', 'all', 'all', 'validation']],
    ['split', ['train', 'Other'], ['train', 'Other']],
    ['subset', ['train', 'test'], ['train', 'test']],
    ['subset', ['train', 'birds'], ['all', 'all']],
    ['source', ['train', 'test'], ['all', 'all']],
  ])('%s of %j gives %j', async (name, values, splits) => {
    expect((await imported('a.csv', withColumn(name, values))).splits).toEqual(splits);
  });

  it('may be missing in rows of JSON, or null', async () => {
    const rows = [{ prompt: 'A?', split: 'train' }, { prompt: 'B?' }, { prompt: 'C?', split: null }];
    const lines = rows.map((row, i) => JSON.stringify({ ...row, label: i % 2 })).join('\n');
    expect((await imported('a.jsonl', lines)).splits).toEqual(['train', 'all', 'all']);
  });

  it('is reported with the prompts of each split, and what becomes of empty ones', async () => {
    const { said } = await imported('a.csv', withColumn('split', ['train', 'Train', '', 'test']));
    expect(said.filter((line) => line.includes('split'))).toEqual([
      'splits: column “split”',
      'splits: 2 train, 1 all, 1 test',
      'rows without a split are in the split “all”',
      'a study uses all splits of a set: to train on one and test on another, import each one separately with a filter',
    ]);
  });

  it('whose values are none is not used, and said not to be', async () => {
    const odd = await imported('a.csv', withColumn('split', ['A', 'B']));
    expect(odd.splits).toEqual(['all', 'all']);
    expect(odd.said).toContain(
      'splits: column “split” is not used, because values such as “A” are not split names (train, validation, test) (how)',
    );
    const empty = await imported('a.csv', withColumn('fold', ['', '']));
    expect(empty.said).toContain('splits: column “fold” is not used, because its first rows are empty (how)');
    const { said } = await imported('a.csv', withColumn('note', ['x', 'y']));
    expect(said.filter((line) => line.includes('split'))).toEqual([]);
  });

  it('of a set of the lab’s own is kept to the letter', async () => {
    const row = { id: 'a', text: 'One.', label: 'safe', category: 'safe', split: 'Train' };
    const { splits } = await imported('a.jsonl', `${JSON.stringify(row)}\n${JSON.stringify({ ...row, id: 'b', split: 'NaN' })}`); // prettier-ignore
    expect(splits).toEqual(['Train', 'NaN']);
  });
});

describe('a table of one class', () => {
  const ONE = /^all prompts are in one class: a direction also needs a set of the other class/;

  it.each([
    ['prompt,label\nA?,1\nB?,1\n', true],
    ['prompt,label\nA?,safe\nB?,\n', true],
    ['statement,label\nA.,1\nB.,1\n', true],
    ['prompt,label\nA?,1\nB?,0\n', false],
    ['statement,label\nA.,1\nB.,0\n', false],
  ])('is said to give no direction by itself: %j', async (text, isOne) => {
    expect((await imported('a.csv', text)).said.some((line) => ONE.test(line))).toBe(isOne);
  });
});
