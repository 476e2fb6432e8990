/** Tables of other people: what is read in them, what is asked, and that no row gets a class that nobody knows of. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource, type ByteSource } from '../../../../src/formats/bytes/byte-source.ts';
import type { Meaning } from '../../../../src/formats/prompts/label-column.ts';
import type { Label } from '../../../../src/formats/prompts/prompt-set.ts';
import { decideImport, type ImportChoices, type ImportDecision } from '../../../../src/labs/prompts/decide-import.ts';
import { readMappedTable, type MappedTable } from '../../../../src/labs/prompts/import-prompts.ts';
import {
  NO_HINTS,
  questionText,
  reportLayout,
  reportMapping,
  reportResult,
} from '../../../../src/labs/prompts/import-report.ts';
import { duplicatesWithin } from '../../../../src/labs/prompts/prompt-duplicates.ts';
import { testSeed } from '../../../support/test-seed.ts';

const file = (name: string, text: string): ByteSource => bytesSource(name, new TextEncoder().encode(text));

const decide = (name: string, text: string, choices: ImportChoices = {}): Promise<ImportDecision> =>
  decideImport(file(name, text), choices);

async function read(name: string, text: string, choices: ImportChoices = {}): Promise<MappedTable> {
  const { head, mapping } = await decide(name, text, choices);
  return readMappedTable(file(name, text), mapping, { layout: head.layout });
}

/** The labels of all prompts in their order. */
const labels = async (name: string, text: string): Promise<Label[]> =>
  (await read(name, text)).prompts.map(({ label }) => label);

/** A table whose rows have these labels; what one row says of itself. */
const table = (column: string, values: readonly string[]): string =>
  [`prompt,${column}`, ...values.map((value, row) => `Prompt ${row}?,${value}`)].join('\n');

const HARMFUL_SAFE: readonly Label[] = ['harmful', 'safe'];

describe('a label column', () => {
  it.each([
    ['label', ['1', '0']],
    ['label', ['1.0', '0.0']],
    ['label', ['1', '-1']],
    ['label', ['1', '−1']],
    ['label', [' harmful', ' safe ']],
    ['label', ['UNSAFE', 'Safe']],
    ['label', ["'toxic'", '"""benign"""']],
    ['label', ['malicious', 'unharmful']],
    [' label', ['yes', 'no']],
    ['harmful', ['yes', 'no']],
    ['is_harmful', ['Y', 'N']],
    ['unsafe', ['True', 'False']],
    ['toxicity', ['1', '0']],
    ['is_safe', ['0', '1']],
    ['safe', ['false', 'true']],
    ['not_harmful', ['0', '1.0']],
    ['prompt_label', ['unsafe', 'safe']],
    ['kind', ['vanilla_harmful', 'vanilla_benign']], // the name says nothing, the words do
  ])('%s of %j is harmful and safe', async (column, values) => {
    expect(await labels('a.csv', table(column, values))).toEqual(HARMFUL_SAFE);
  });

  it('may hold numbers and truth values of JSON', async () => {
    const lines = (...rows: readonly object[]): string => rows.map((row) => JSON.stringify(row)).join('\n');
    expect(await labels('a.jsonl', lines({ prompt: 'A', is_safe: false }, { prompt: 'B', is_safe: true }))).toEqual(HARMFUL_SAFE); // prettier-ignore
    expect(await labels('a.json', JSON.stringify([{ prompt: 'A', label: 1.0 }, { prompt: 'B', label: 0 }]))).toEqual(HARMFUL_SAFE); // prettier-ignore
  });

  it('leaves out rows without a label, and counts them', async () => {
    const { prompts, leftOut, rows } = await read('a.csv', table('label', ['0', '1', '', 'NaN', ' ']));
    expect(prompts.map(({ label }) => label)).toEqual(['safe', 'harmful']);
    expect([rows, leftOut['no-label']]).toEqual([5, 3]);
  });

  it('is that of the prompt, not of an answer to it', async () => {
    const text = 'prompt,response_label,prompt_label\nA?,safe,unsafe\nB?,unsafe,safe\n';
    expect(await labels('a.csv', text)).toEqual(HARMFUL_SAFE);
    expect((await decide('a.csv', table('response_label', ['safe', 'unsafe']))).labels?.question).toEqual({ kind: 'no-column' }); // prettier-ignore
  });

  it('may be the kinds of XSTest, of which “contrast” is unsafe', async () => {
    const text = 'type,prompt\nhomonyms,A?\ncontrast_homonyms,B?\nfigurative_language,C?\n';
    expect(await labels('a.csv', text)).toEqual(['safe', 'harmful', 'safe']);
    const odd = await decide('a.csv', `${text}gardening,D?\n`);
    expect(odd.labels?.question).toMatchObject({ kind: 'no-column' });
  });

  it('may be flags of harm, none of which is true of a safe row', async () => {
    const flags = (...names: readonly string[]): object => ({
      ...{ animal_abuse: false, privacy_violation: false, self_harm: false, 'violence,aiding_and_abetting,incitement': false }, // prettier-ignore
      ...Object.fromEntries(names.map((name) => [name, true])),
    });
    const rows = [
      { prompt: 'A', category: flags(), is_safe: true },
      { prompt: 'B', category: flags('privacy_violation'), is_safe: false },
      { prompt: 'C', category: flags('privacy_violation', 'self_harm'), is_safe: false },
      { prompt: 'D', category: flags('animal_abuse'), is_safe: false },
    ];
    const lines = (some: readonly object[]): string => some.map((row) => JSON.stringify(row)).join('\n');
    const { prompts, leftOut } = await read('a.jsonl', lines(rows));
    expect(prompts.map(({ label, category }) => [label, category])).toEqual([
      ['safe', 'safe'],
      ['harmful', 'privacy_violation'],
      ['harmful', 'privacy_violation'],
    ]);
    expect(leftOut['no-category']).toBe(1); // a kind that is no category of the lab
    const bare = rows.map(({ prompt, category }) => ({ prompt, category }));
    expect((await labels('a.jsonl', lines(bare))).slice(0, 2)).toEqual(['safe', 'harmful']);
    const contrary = [...rows, { prompt: 'E', category: flags('self_harm'), is_safe: true }];
    expect((await decide('a.jsonl', lines(contrary))).labels?.question).toMatchObject({ kind: 'disagree', rows: 1, firstRow: 5 }); // prettier-ignore
  });

  it('of statements says whether they are true', async () => {
    expect(await labels('a.csv', 'statement,label\nA.,1\nB.,0\n')).toEqual(['true', 'false']);
  });
});

describe('labels that cannot be told', () => {
  it.each([
    ['label', ['1', '0', '-1'], 'values'],
    ['label', ['0', '-1'], 'values'],
    ['label', ['0', '1', '2'], 'values'],
    ['label', ['Safe', 'Needs Caution'], 'values'],
    ['label', ['positive', 'negative'], 'values'],
    ['label', ['__proto__', 'constructor'], 'values'],
    ['safety_label', ['1', '0'], 'values'],
    ['toxicity', ['0.73', '0.12'], 'scores'],
    ['toxicity', Array.from({ length: 60 }, (_, i) => String(i / 64)), 'scores'],
    ['label', ['', ''], 'empty'],
    ['refused', ['1', '0'], 'no-column'],
    ['target', ['Sure, here is one', 'Sure, here is another one'].map((text) => `"${text}"`), 'no-column'],
  ])('are asked for: %s of %j', async (column, values, kind) => {
    const { labels: decided, mapping, head } = await decide('a.csv', table(column, values));
    expect(decided?.question?.kind).toBe(kind);
    const question = decided?.question ?? { kind: 'no-column' };
    expect(questionText(question, 'a.csv')).toMatch(/^a\.csv/);
    if (mapping.label.kind === 'open') {
      await expect(readMappedTable(file('a.csv', table(column, values)), mapping, { layout: head.layout })).rejects.toMatchObject({ code: 'bad-request' }); // prettier-ignore
    }
  });

  it('are asked for where two columns say different classes', async () => {
    const text = 'prompt,label,is_safe\nA?,1,1\nB?,0,0\n';
    expect((await decide('a.csv', text)).labels?.question).toMatchObject({ kind: 'disagree', rows: 2, firstRow: 2 });
    expect(await labels('a.csv', 'prompt,label,is_safe\nA?,1,0\nB?,0,1\n')).toEqual(HARMFUL_SAFE);
    const category = 'prompt,label,category\nA?,1,safe\nB?,0,violence\n'; // 1 seems to be the safe class here
    expect((await decide('a.csv', category)).labels?.question).toMatchObject({ kind: 'disagree', rows: 1 });
  });

  it('are not asked for where a topic is called like a class', async () => {
    const text = 'text,label,category\nHow do I hurt it?,1,hate\nWhat is the law on it?,0,hate\nMake it now.,1,drugs';
    expect(await labels('a.csv', text)).toEqual(['harmful', 'safe', 'harmful']);
    const unclear = text.replace('category', 'safety').replace(',drugs', ',unclear');
    expect((await decide('a.csv', unclear)).labels?.question?.kind).toBe('disagree');
  });

  it('are what somebody says, and a yes or no beside that is not guessed', async () => {
    const label = { column: null, meanings: new Map<string, Meaning>([['0', 'harmful']]) };
    const some = await decide('a.csv', table('label', ['0', '1']), { label });
    expect(some.labels?.question).toMatchObject({ kind: 'values', values: [{ value: '1' }] });
    const all = { column: null, meanings: new Map<string, Meaning>([['0', 'harmful'], ['1', 'safe'], ['2', 'leave-out']]) }; // prettier-ignore
    const { prompts, leftOut } = await read('a.csv', table('label', ['0', '1', '2']), { label: all });
    expect([prompts.map(({ label: said }) => said), leftOut['no-label']]).toEqual([HARMFUL_SAFE, 1]);
  });

  it('are one for all where somebody says so', async () => {
    const { prompts } = await read('a.csv', 'hurt a neighbour\nsteal a car\n', { label: 'harmful' });
    expect(prompts.map(({ text, label }) => [text, label])).toEqual([['hurt a neighbour', 'harmful'], ['steal a car', 'harmful']]); // prettier-ignore
  });
});

describe('whatever the table', () => {
  const cell = fc.oneof(
    fc.constantFrom('1', '0', '-1', '−1', '1.0', 'yes', 'no', 'safe', 'unsafe', ' Harmful ', '', 'nan', 'odd', '0.5', '2', 'general', '__proto__'), // prettier-ignore
    fc.string({ maxLength: 6 }),
  );
  const name = fc.oneof(fc.constantFrom('label', 'is_safe', 'harmful', 'toxicity', 'category', 'type', 'note', 'constructor', '__proto__'), fc.string({ maxLength: 8 })); // prettier-ignore
  const prompt = fc.constantFrom('How?', 'Why so?', ' ', 'Because it is there.');

  it('a row gets the class that the reported values say, or none, and every row is counted', async () => {
    const rows = fc.array(fc.tuple(prompt, cell, cell), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(name, name, rows, async (first, second, cells) => {
        fc.pre(first !== second && ![first, second].includes('prompt'));
        const text = cells.map(([asked, a, b]) => JSON.stringify(Object.fromEntries([['prompt', asked], [first, a], [second, b]]))).join('\n'); // prettier-ignore
        const decision = await decide('a.jsonl', text);
        const { labels: decided, mapping, head } = decision;
        if (decided === null || decided.column === null || decided.question !== null) return;
        const meanings = new Map(decided.values.map(({ value, meaning }) => [value, meaning]));
        const read = await readMappedTable(file('a.jsonl', text), mapping, { layout: head.layout }).catch(
          (error: unknown) => {
            expect(error).toMatchObject({ name: 'LabError', message: expect.stringMatching(/none of its \d+ rows can be used/) as string }); // prettier-ignore
            return null;
          },
        );
        if (read === null) return;
        for (const [index, { label }] of read.prompts.entries()) {
          const row = cells[(read.rowNumbers[index] ?? 0) - 1];
          const value = (decided.column === second ? row?.[2] : row?.[1])?.trim() ?? '';
          expect(label).toBe(meanings.get(value));
        }
        const left = Object.values(read.leftOut).reduce((sum, count) => sum + count, 0);
        expect(read.prompts.length + left).toBe(cells.length);
      }),
      { seed: testSeed(1), numRuns: 400 },
    );
  });
});

describe('the report', () => {
  it('says layout, columns, what each value was read as, and what became of the rows', async () => {
    const text = 'prompt;label\nHow?;1\nhow;0\nWhy?;0\nWhy?;0\nThen?;\n';
    const { head, mapping, labels: decided } = await decide('a.csv', text);
    const result = await read('a.csv', text);
    const { report } = await duplicatesWithin(result.prompts, { kind: 'exact' });
    expect([
      reportLayout(head, NO_HINTS),
      ...reportMapping(mapping, decided?.values ?? []),
      ...reportResult(result, report),
    ]).toEqual([
      'a.csv: cells separated by semicolons; row 1 contains the column names “prompt”, “label”',
      'prompts: column “prompt”',
      'labels: column “label”: “0” is safe (3 rows), “1” is harmful (1 row), (empty) is no label, left out (1 row)',
      'categories: “general” for all',
      '5 rows: 3 safe, 1 harmful',
      'left out: 1 row without a label',
      '1 row repeats the prompt of an earlier row in another class (rows 2 and 3): kept in both classes, where they cancel out in a direction', // prettier-ignore
      '1 row repeats the prompt of an earlier row in the same class: kept',
    ]);
  });

  it('shows no character that would move a terminal’s cursor or turn the words around', async () => {
    const name = 'x\u001b[2J\u202ey';
    const { head, mapping, labels: decided } = await decide('a.csv', `prompt,label,${name}\nA?,1,b\nB?,0,c`);
    const said = [reportLayout(head, NO_HINTS), ...reportMapping({ ...mapping, category: { kind: 'fixed', category: name } }, decided?.values ?? [])]; // prettier-ignore
    expect(said.join('\n')).toContain('x\\u{1b}[2J\\u{202e}y');
    expect(said.join('')).not.toMatch(/[\u001b\u202e]/);
  });

  it('cuts what files put into it', async () => {
    const long = 'x'.repeat(5000);
    const { head, mapping, labels: decided } = await decide('a.csv', table('label', [long, 'safe']));
    const lines = [reportLayout(head, NO_HINTS), ...reportMapping(mapping, decided?.values ?? [])];
    for (const line of lines) expect(line.length).toBeLessThan(400);
  });
});
