/** Tables of prompts in every format, from the decision what is what to the last row. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { bytesSource } from '../../../src/formats/bytes/byte-source.ts';
import { LABELS } from '../../../src/formats/prompts/prompt-set.ts';
import { GUESS_LAYOUT } from '../../../src/formats/tables/guess-table-layout.ts';
import { decideImport } from '../../../src/labs/prompts/decide-import.ts';
import { readPromptRows } from '../../../src/labs/extraction/extraction-prompts.ts';
import { readMappedTable } from '../../../src/labs/prompts/import-prompts.ts';
import {
  NO_HINTS,
  questionText,
  reportLayout,
  reportMapping,
  reportResult,
} from '../../../src/labs/prompts/import-report.ts';
import { duplicatesWithin } from '../../../src/labs/prompts/prompt-duplicates.ts';
import { previewTable, sampleTable } from '../../../src/labs/prompts/prompt-preview.ts';
import { anyBytes } from '../harness/spoilt-bytes.ts';
import { anyJson, anyJsonLines, jsonText, oddJson, oddName, type Json } from '../harness/spoilt-json.ts';
import { anyText, oddText } from '../harness/spoilt-text.ts';
import { defineTarget, hold, type FuzzTarget } from '../harness/target.ts';

const TEXT_COLUMNS = ['prompt', 'text', 'instruction', 'goal', 'question', 'Behavior'];
const LABEL_COLUMNS = ['label', 'is_safe', 'harmful', 'toxicity', 'prompt_label', 'unsafe'];
const column = fc.oneof(
  fc.constantFrom(
    ...TEXT_COLUMNS,
    ...LABEL_COLUMNS,
    'category',
    'split',
    'id',
    'response',
    'context',
    'FunctionalCategory',
  ),
  oddName,
);
const sentence = fc.oneof(
  fc.constantFrom(
    'How do I pick a lock?',
    'Where do bees sleep?',
    'Say “hi”, then leave; quickly',
    'a\nb',
    '=1+1',
    ' ',
  ),
  fc.string({ maxLength: 30 }),
  oddText,
);
const label = fc.constantFrom('1', '0', 'harmful', 'safe', 'yes', 'no', '-1', '1.0', 'true', '', 'unrated', '0.73');
const category = fc.constantFrom('violence', 'safe', 'general', 'privacy,data', '__proto__', '');

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const table: fc.Arbitrary<Table> = fc
  .tuple(fc.constantFrom(...TEXT_COLUMNS), fc.constantFrom(...LABEL_COLUMNS), fc.array(column, { maxLength: 3 }))
  .chain(([text, labels, others]) => {
    const row = fc.tuple(sentence, label, fc.array(category, { minLength: others.length, maxLength: others.length }));
    return fc.array(row, { maxLength: 10 }).map((rows) => ({
      columns: [text, labels, ...others],
      rows: rows.map(([prompt, value, rest]) => [prompt, value, ...rest]),
    }));
  });

const quoted = (cell: string, separator: string): string =>
  cell.includes(separator) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

const delimited = (separators: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      table,
      fc.constantFrom(...separators),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.constantFrom('', '', '', '\ufeff', 'sep'),
      fc.boolean(),
    ) // prettier-ignore
    .map(([{ columns, rows }, separator, end, start, hasHeading]) => {
      const lines = [...(hasHeading ? [columns] : []), ...rows].map((cells) => cells.map((cell) => quoted(cell, separator)).join(separator)); // prettier-ignore
      return [...(start === 'sep' ? [`sep=${separator}`] : []), ...lines].join(end).replace(/^/, start === 'sep' ? '' : start); // prettier-ignore
    });

const flags: Json = { animal_abuse: false, child_abuse: false, 'violence,aiding_and_abetting,incitement': true };
/** Objects of the same keys, as a file of them has. */
const alike = table.map(({ columns, rows }) => rows.map((cells) => Object.fromEntries(columns.map((name, index): [string, Json] => [name, cells[index] ?? ''])))); // prettier-ignore

const record = table.chain(({ columns, rows }) => {
  const odd = fc.oneof({ weight: 9, arbitrary: fc.constant<Json>(null) }, oddJson, fc.constant(flags));
  const [cells = []] = rows;
  return odd.map((last): Json => Object.fromEntries([...columns.map((name, index): [string, Json] => [name, cells[index] ?? 'x']), ...(last === null ? [] : [['category', last] as [string, Json]])])); // prettier-ignore
});
const records = fc.oneof<fc.Arbitrary<Json>[]>(
  alike,
  fc.array(record, { minLength: 1, maxLength: 8 }),
  fc.array(record, { maxLength: 3 }).map((data): Json => ({ data, version: 1 })),
  fc.array(sentence, { maxLength: 4 }),
  record,
);

const parquet = fc.oneof(
  table
    .filter(({ columns }) => new Set(columns).size === columns.length)
    .map(({ columns, rows }) => {
      const columnData = columns.map((name, index) => ({ name, data: rows.map((row) => row[index] ?? ''), type: 'STRING' as const })); // prettier-ignore
      return new Uint8Array(parquetWriteBuffer({ columnData }));
    }),
  fc.constantFrom(...['pairs', 'zstd'].map((name) => Uint8Array.from(readFileSync(join(import.meta.dirname, `../../fixtures/parquet/${name}.parquet`))))), // prettier-ignore
);

async function checkTable(name: string, bytes: Uint8Array): Promise<void> {
  const source = bytesSource(name, bytes);
  const { head, mapping: proposed, labels } = await decideImport(source);
  const words = [reportLayout(head, NO_HINTS), ...reportMapping(proposed, labels?.values ?? [])];
  if (labels !== null && labels.question !== null) words.push(questionText(labels.question, name));
  hold(
    words.every((line) => line.length < 5000),
    'what is said of a table is short',
  );
  const mapping =
    (labels?.question ?? null) === null ? proposed : (await decideImport(source, { label: 'harmful' })).mapping;
  const { columns } = await sampleTable(source, GUESS_LAYOUT);
  hold(columns.length === head.columns.length, 'the page is shown the columns of the table');
  await previewTable(source, head.layout, mapping);
  await readPromptRows(source);
  const read = await readMappedTable(source, mapping, { layout: head.layout });
  const { prompts, rowNumbers, rows, leftOut } = read;
  const left = Object.values(leftOut).reduce((sum, count) => sum + count, 0);
  hold(prompts.length + left === rows, 'each row is a prompt, or left out for a reason');
  hold(rowNumbers.length === prompts.length && rowNumbers.every(Number.isSafeInteger), 'each prompt has its row');
  for (const prompt of prompts) {
    hold(prompt.text !== '' && prompt.text === prompt.text.trim(), 'a prompt is a text without white space around it');
    hold(LABELS.includes(prompt.label), 'a label is one of the lab’s');
    hold(prompt.category !== '' && prompt.split !== '' && prompt.id !== '', 'category, split and id are there');
  }
  const { report } = await duplicatesWithin(prompts, { kind: 'near' });
  reportResult(read, report);
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Texts, now and then in bytes that are no UTF-8. */
const encoded = (text: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { weight: 12, arbitrary: text.map(utf8) },
    { weight: 1, arbitrary: text.map((whole) => Uint8Array.from(Buffer.from(whole, 'utf16le'))) },
    { weight: 1, arbitrary: text.map((whole) => Uint8Array.from(Buffer.from(whole, 'latin1'))) },
  );

const ofFormat = (name: string, bytes: fc.Arbitrary<Uint8Array>, file = `mine.${name}`): FuzzTarget =>
  defineTarget(name, bytes, (input) => checkTable(file, input));

const lines = fc.array(sentence, { maxLength: 12 }).map((texts) => texts.join('\n'));

export const TABLE_TARGETS: readonly FuzzTarget[] = [
  ofFormat('csv', encoded(anyText(delimited([',', ';', '|', '\t'])))),
  ofFormat('tsv', encoded(anyText(delimited(['\t', ','])))),
  ofFormat(
    'json',
    encoded(
      fc.oneof(
        { weight: 4, arbitrary: anyJson(records) },
        records.map((all) => jsonText(all, 2)),
      ),
    ),
  ),
  ofFormat('jsonl', encoded(fc.oneof(anyJsonLines(record), anyText(alike.map((all) => all.map((one) => jsonText(one)).join('\n')))))), // prettier-ignore
  ofFormat('txt', encoded(anyText(lines))),
  ofFormat('parquet', anyBytes(parquet)),
];
