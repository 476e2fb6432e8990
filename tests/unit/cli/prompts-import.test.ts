import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parsePromptSet, type Prompt } from '../../../src/formats/prompts/prompt-set.ts';
import { lab, makeFolder } from '../../support/run-cli.ts';

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
    expect(stdout).toContain('301 prompts from 302 rows; left out: 0 filtered, 1 no-text, 0 no-category');
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
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /row 3, column “tone”: the meaning of the label “odd” is not known.*leave those rows out: --leave-out-values/,
    );
  });

  it('prints how it read the table, each label, and what became of the rows', async () => {
    const { code, stdout } = await importText('d.csv', 'sep=;\nprompt;label\nHow, so?;1.0\nWhy?;0.0\nWhy?;\n');
    expect(code).toBe(0);
    expect(
      stdout
        .split('\n')
        .slice(0, 7)
        .map((line) => line.replace(folder, '')),
    ).toEqual([
      '/d.csv: cells separated by semicolons, as its first line says; row 2 contains the column names “prompt”, “label” (use --no-heading if it is a prompt)', // prettier-ignore
      '  prompts: column “prompt”',
      '  labels: column “label”: “1.0” is harmful (1 row), “0.0” is safe (1 row), (empty) is no label, left out (1 row)',
      '  categories: “general” for all',
      '  3 rows: 1 safe, 1 harmful',
      '  left out: 1 row without a label',
      `${out.replace(folder, '')}: 2 prompts from 3 rows; left out: 0 filtered, 0 no-text, 0 no-category, 1 no-label`,
    ]);
    expect(written().map(({ text, label }) => [text, label])).toEqual([['How, so?', 'harmful'], ['Why?', 'safe']]); // prettier-ignore
  });

  it('stops where nothing says the class, writes nothing, and names the options', async () => {
    rmSync(out, { force: true });
    const { code, stdout, stderr } = await importText('list.csv', 'hurt a neighbour\nsteal a car\n');
    expect([code, existsSync(out)]).toEqual([2, false]);
    expect(stdout).toContain('row 1 is a prompt like the others (use --heading if it contains the column names)');
    expect(stderr).toMatch(/has no column that says.*--label harmful, or --label safe; or .*--label-column NAME \(the columns are “column 1”\)/); // prettier-ignore
    expect((await importText('list.csv', 'hurt a neighbour\nsteal a car\n', '--label', 'harmful')).code).toBe(0);
    expect(written().map(({ text, label }) => [text, label])).toEqual([['hurt a neighbour', 'harmful'], ['steal a car', 'harmful']]); // prettier-ignore
  });

  it('explains every option apart from its name, however long that is', async () => {
    const { stdout } = await lab('prompts', 'import', '--help');
    expect(stdout).toMatch(
      /^ {2}--leave-out-values VALUE\[,VALUE…\]\n {32}values of the label column whose rows are left out$/m,
    );
  });

  it('takes values as they are said, whatever they would be read for', async () => {
    const text = 'prompt|label\nHello|0\nGo away|-1\nWhat|1\n';
    expect((await importText('e.csv', text)).stderr).toMatch(/row 2, column “label”: the meaning of the label “0”/);
    const values = ['--safe-values', '0', '--harmful-values=-1', '--leave-out-values', '1', '--separator', 'bar', '--heading']; // prettier-ignore
    expect((await importText('e.csv', text, ...values)).code).toBe(0);
    expect(written().map(({ label }) => label)).toEqual(['safe', 'harmful']);
    const both = 'prompt,label,is_safe\nA?,1,1\nB?,0,0\n';
    expect((await importText('f.csv', both)).stderr).toMatch(/“is_safe” and “label” disagree on the class.*--label-column is_safe, or --label-column label/); // prettier-ignore
    expect((await importText('f.csv', both, '--label-column', 'is_safe')).code).toBe(0);
    expect(written().map(({ label }) => label)).toEqual(['safe', 'harmful']);
    expect((await importText('f.csv', both, '--label-column', 'none')).stderr).toMatch(/has no column “none”/);
  });

  it('reads splits, keeps one of them, and says how to use a column that is none', async () => {
    const text = 'prompt,label,split\nA?,1,Train\nB?,0,train\nC?,0,test\n';
    const { stdout } = await importText('s.csv', text);
    expect(stdout).toContain('  splits: column “split”\n');
    expect(stdout).toContain('  splits: 2 train, 1 test\n');
    expect(written().map(({ split }) => split)).toEqual(['train', 'train', 'test']);
    expect((await importText('s.csv', text, '--only', 'split=train')).stdout).toContain('2 prompts from 3 rows; left out: 1 filtered'); // prettier-ignore
    expect((await importText('s.csv', text.replaceAll(/train|test/gi, 'a'))).stdout).toContain('(to use it: --split "column:split")'); // prettier-ignore
  });

  it.each([
    ['--only', 'splot=train'],
    ['--split', 'column:splot'],
    ['--category', 'column:splot'],
  ])('knows the columns of JSON: %s %s', async (...options) => {
    // prettier-ignore
    const { code, stderr } = await importText('j.jsonl', '{"prompt":"A?","label":1,"split":"train"}\n', ...options);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/has no column “splot”: its first row names “prompt”/)]);
  });

  it.each([
    [['mine.csv'], /unexpected argument mine\.csv: write --file mine\.csv/],
    [['--file', 'a.csv', 'my set.jsonl'], /unexpected argument 'my set\.jsonl': write --out 'my set\.jsonl'/],
    [['--file', 'a.csv', '--out', 'b', 'c'], /unexpected argument c: give each value with its option/],
    [['--file', 'a.csv', '--only', 'x', '--out', 'b'], /cannot be read/],
  ])('points out the option of %j', async (args, message) => {
    expect((await lab('prompts', 'import', ...args)).stderr).toMatch(message);
  });

  it('divides scores by a threshold, and names the option where none is given', async () => {
    const text = 'prompt,label\nA?,0.9\nB?,0.1\nC?,0.5\n';
    expect((await importText('t.csv', text)).stderr).toMatch(
      /“label” contains numbers such as 0\.9.*--label-column "label" --harmful-from NUMBER/,
    );
    const { stdout } = await importText('t.csv', text, '--label-column', 'label', '--harmful-from', '0.5');
    expect(stdout).toContain('“0.5 or more” is harmful (2 rows), “less than 0.5” is safe (1 row)');
    expect((await importText('t.csv', text, '--label-column', 'label', '--safe-from', '0.8')).code).toBe(0);
    expect(written().map(({ label }) => label)).toEqual(['safe', 'harmful', 'harmful']);
    expect((await importText('t.csv', text, '--safe-from', '0.8')).stderr).toMatch(/--safe-from needs --label-column/);
  });

  it('offers one label for all wherever it asks', async () => {
    const offer = /--label harmful, or --label safe/;
    expect((await importText('u.csv', 'prompt,label\nA?,odd\n')).stderr).toMatch(offer);
    expect((await importText('u.csv', 'prompt,label,is_safe\nA?,1,1\n')).stderr).toMatch(offer);
    expect((await importText('u.csv', 'prompt,SemanticCategory\nA?,harmful\nB?,illegal\nC?,drugs\n')).stderr).toMatch(offer); // prettier-ignore
  });

  it('says that prompts are in both classes', async () => {
    const { code, stdout } = await importText('g.csv', 'prompt,label\nHow?,safe\nHow?,harmful\n');
    expect(code).toBe(0);
    expect(stdout).toContain(
      '1 row repeats the prompt of an earlier row in another class (rows 2 and 3): kept in both classes',
    );
  });

  it.each([
    [['--heading', '--no-heading'], /--heading and --no-heading cannot be combined/],
    [['--separator', 'dot'], /--separator must be one of comma, semicolon, tab, bar, none/],
    [['--safe-values', 'a', '--harmful-values', 'b,a'], /“a” has two meanings/],
    [['--label', 'safe', '--label-column', 'label'], /--label safe applies to all rows/],
    [['--text', 'none', '--label', 'safe'], /has no column “none”/],
    [['--text', '- a'], /--text has no value; if the value starts with a hyphen, write --text="- a"/],
    [['--text', '--out'], /--text has no value/],
  ])('refuses %j', async (options, message) => {
    const { code, stderr } = await importText('h.csv', 'prompt,label\nHow?,safe\n', ...options);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(message);
  });
});
