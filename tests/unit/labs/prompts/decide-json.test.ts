/** JSON as people have it: a list for each class, and conversations in place of prompts. */
import { describe, expect, it } from 'vitest';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { bytesSource, type ByteSource } from '../../../../src/formats/bytes/byte-source.ts';
import { decideImport } from '../../../../src/labs/prompts/decide-import.ts';
import { readPromptRows } from '../../../../src/labs/extraction/extraction-prompts.ts';
import { readMappedTable } from '../../../../src/labs/prompts/import-prompts.ts';
import { NO_HINTS, reportLayout, reportMapping, reportResult } from '../../../../src/labs/prompts/import-report.ts';
import { duplicatesWithin } from '../../../../src/labs/prompts/prompt-duplicates.ts';

const file = (name: string, value: unknown): ByteSource =>
  bytesSource(name, new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)));

interface Imported {
  readonly rows: readonly (readonly string[])[]; // text and label
  readonly splits: readonly string[];
  readonly said: readonly string[];
}

async function imported(source: ByteSource): Promise<Imported> {
  const { head, mapping, labels } = await decideImport(source);
  const table = await readMappedTable(source, mapping, { layout: head.layout });
  const { report } = await duplicatesWithin(table.prompts, { kind: 'exact' });
  const said = [reportLayout(head, NO_HINTS), ...reportMapping(mapping, labels?.values ?? []), ...reportResult(table, report)]; // prettier-ignore
  return {
    rows: table.prompts.map(({ text, label }) => [text, label]),
    splits: table.prompts.map(({ split }) => split),
    said,
  };
}

const BOTH = [
  ['Rob a shop?', 'harmful'],
  ['Bake bread?', 'safe'],
];

describe('an object of lists', () => {
  it.each([
    { harmful: ['Rob a shop?'], safe: ['Bake bread?'] },
    { version: 1, Unsafe: ['Rob a shop?'], benign: [{ text: 'Bake bread?' }], notes: 'made up' },
    { harmful_prompts: [{ prompt: 'Rob a shop?' }], harmless_prompts: [{ prompt: 'Bake bread?' }] },
    { harmful_instructions: ['Rob a shop?'], safe: ['Bake bread?'], empty: [] },
  ])('whose names are classes gives the prompts their labels: %j', async (value) => {
    expect((await imported(file('a.json', JSON.stringify(value, null, 2)))).rows).toEqual(BOTH);
  });

  it('is said to be one', async () => {
    const { said } = await imported(file('a.json', { harmful: ['Rob a shop?'], safe: ['Bake bread?'] }));
    expect(said.slice(0, 3)).toEqual([
      'a.json: JSON with a list of prompts under each name; columns: “text”, “name of the list”',
      'prompts: column “text”',
      'labels: column “name of the list”: “harmful” is harmful (1 row), “safe” is safe (1 row)',
    ]);
  });

  it('asks what a name means that is no class, however late it comes', async () => {
    const odd = Array.from({ length: 300 }, (_, i) => `Prompt ${i}?`);
    const { labels } = await decideImport(file('a.json', { odd, harmful: ['Rob a shop?'] }));
    expect(labels?.question).toMatchObject({ kind: 'values', values: [{ value: 'odd', rows: 300 }] });
  });

  it('whose names are splits gives the prompts their splits', async () => {
    const train = [{ prompt: 'Rob a shop?', label: 1 }];
    const { rows, splits } = await imported(file('a.json', { train, test: [{ prompt: 'Bake bread?', label: 0 }] }));
    expect([rows, splits]).toEqual([BOTH, ['train', 'test']]);
  });

  it.each([
    { prompt: ['A?', 'B?'], harmful: ['yes', 'no'] }, // its columns one after the other
    { is_safe: ['yes', 'no'], safe: ['A?', 'B?'] },
    { harmful: [1, 0], safe: [0, 1] },
    { robins: ['A?'], owls: ['B?'] },
  ])('of other names is refused: %j', async (value) => {
    await expect(decideImport(file('a.json', value))).rejects.toMatchObject({ code: 'format', message: expect.stringMatching(/^a\.json holds/) as string }); // prettier-ignore
  });
});

const user = (content: unknown): object => ({ role: 'user', content });
const assistant = { role: 'assistant', content: 'No.' };

describe('conversations', () => {
  const rows = [
    { messages: [{ role: 'system', content: 'Be kind.' }, user('Hello?'), assistant, user('Rob a shop?')], label: 1 },
    { messages: [user('Bake bread?'), assistant], label: 0 },
    { messages: [assistant], label: 0 },
    { messages: [], label: 0 },
  ];
  const lines = (some: readonly object[]): string => some.map((row) => JSON.stringify(row)).join('\n');

  it('give what the user says last, and say so', async () => {
    const { rows: read, said } = await imported(file('a.jsonl', lines(rows)));
    expect(read).toEqual(BOTH);
    expect(said).toContain('left out: 2 rows without a prompt');
    expect(said).toContain(
      '2 prompts are the user’s last message in a conversation; 1 of them had earlier messages, which are left out',
    );
    const { report } = await readPromptRows(file('a.jsonl', lines(rows)));
    expect(report.at(-1)).toMatch(/^2 prompts are the user’s last message/);
  });

  it.each([
    [
      'conversations',
      [
        { from: 'gpt', value: 'No.' },
        { from: 'human', value: 'Bake bread?' },
      ],
    ],
    ['prompt', [user('Bake bread?')]],
    ['opening', [user('Bake bread?')]],
    ['messages', [user([{ type: 'image' }, { type: 'text', text: 'Bake bread?' }])]],
    ['messages', JSON.stringify([user('Bake bread?')])],
  ])('may be of other kinds: %s of %j', async (column, value) => {
    expect((await imported(file('a.jsonl', lines([{ [column]: value, is_safe: true }])))).rows).toEqual([BOTH[1]]);
  });

  it('may be lists without names, one in an object, or of Parquet', async () => {
    const texts = async (source: ByteSource): Promise<string[]> => (await readPromptRows(source)).rows.map(({ text }) => text); // prettier-ignore
    expect(await texts(file('a.json', [[user('A?'), assistant], [user('B?')]]))).toEqual(['A?', 'B?']);
    expect(await texts(file('a.json', { id: 1, messages: [user('A?'), assistant] }))).toEqual(['A?']);
    const column = { name: 'messages', data: [[user('A?'), assistant], [user('B?')]], type: 'JSON' as const };
    const parquet = new Uint8Array(parquetWriteBuffer({ columnData: [column] }));
    expect(await texts(bytesSource('a.parquet', parquet))).toEqual(['A?', 'B?']);
  });

  it('a message a row count where the user speaks', async () => {
    const { rows: read, said } = await imported(file('a.csv', 'role,content,label\nuser,Rob a shop?,1\nassistant,No.,1\nuser,Bake bread?,0\n')); // prettier-ignore
    expect(read).toEqual(BOTH);
    expect(said).toContain('only rows where “role” is user');
  });

  it('are told from other lists', async () => {
    await expect(imported(file('a.jsonl', lines([{ prompt: ['a', 'b'], label: 1 }])))).rejects.toThrow(/row 1, column “prompt”: the cell is not text/); // prettier-ignore
    await expect(imported(file('a.jsonl', lines([{ prompt: [{ role: 'king', content: 'a' }], label: 1 }])))).rejects.toThrow(/is not text/); // prettier-ignore
  });
});
