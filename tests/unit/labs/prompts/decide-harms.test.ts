/** Columns of harms and of scores: where they say a prompt's class, where they do not, and what is offered then. */
import { describe, expect, it } from 'vitest';
import { bytesSource, type ByteSource } from '../../../../src/formats/bytes/byte-source.ts';
import { thresholdValues, type Meaning } from '../../../../src/formats/prompts/label-column.ts';
import type { Label } from '../../../../src/formats/prompts/prompt-set.ts';
import { decideImport, type ImportChoices, type ImportDecision } from '../../../../src/labs/prompts/decide-import.ts';
import { readMappedTable, type MappedTable } from '../../../../src/labs/prompts/import-prompts.ts';
import { questionText, reportMapping } from '../../../../src/labs/prompts/import-report.ts';

const file = (text: string): ByteSource => bytesSource('a.csv', new TextEncoder().encode(text));
const decide = (text: string, choices: ImportChoices = {}): Promise<ImportDecision> =>
  decideImport(file(text), choices);

async function read(text: string, choices: ImportChoices = {}): Promise<MappedTable> {
  const { head, mapping } = await decide(text, choices);
  return readMappedTable(file(text), mapping, { layout: head.layout });
}

const table = (column: string, values: readonly string[]): string =>
  [`prompt,${column}`, ...values.map((value, row) => `Prompt ${row}?,${value}`)].join('\n');

describe('topics, one of which is called like a class', () => {
  const topics = ['chemical_biological', 'illegal', 'harmful', 'misinformation_disinformation'];

  it.each([
    ['SemanticCategory', topics],
    ['topic', topics],
    ['cluster', topics],
    ['category', ['hate', 'drugs']],
    ['category', ['toxic', 'legal', 'medical']],
  ])('are categories, and no labels: %s of %j', async (column, values) => {
    const { labels, mapping } = await decide(table(column, values));
    expect(labels?.question).toEqual({ kind: 'no-column' });
    expect(mapping.label).toEqual({ kind: 'open' });
    const { prompts } = await read(table(column, values), { label: 'harmful' });
    expect(prompts.map(({ label }) => label)).toEqual(values.map(() => 'harmful'));
    if (column !== 'cluster') expect(prompts.map(({ category }) => category)).toEqual(values);
  });

  it.each([
    ['cluster', ['harmful', 'borderline']],
    ['category', ['safe', 'borderline', 'odd', 'strange']],
  ])('are asked about where they are words for classes: %s of %j', async (column, values) => {
    expect((await decide(table(column, values))).labels?.question).toMatchObject({ kind: 'values', column });
  });
});

describe('“none” among harms', () => {
  it.each<[string, readonly string[], readonly Label[]]>([
    ['label', ['none', 'violence'], ['safe', 'harmful']],
    ['label', ['None', 'hate_speech', 'self-harm', 'Violence and incitement'], ['safe', 'harmful', 'harmful', 'harmful']], // prettier-ignore
    ['label', ['neither', 'offensive', 'hate speech'], ['safe', 'harmful', 'harmful']],
    ['harm', ['none', 'fraud'], ['safe', 'harmful']],
    ['category', ['none', 'illegal activity', 'malware'], ['safe', 'harmful', 'harmful']],
  ])('is harmless: %s of %j', async (column, values, labels) => {
    const { prompts } = await read(table(column, values));
    expect(prompts.map(({ label }) => label)).toEqual(labels);
    expect(prompts[0]?.category).toBe(column === 'category' ? 'safe' : 'general');
    const { mapping, labels: decided } = await decide(table(column, values));
    expect(reportMapping(mapping, decided?.values ?? []).join()).toContain(`“${values[0] ?? ''}” is safe (1 row)`);
  });

  it.each([
    ['label', ['none', 'harmful', 'safe']],
    ['label', ['None', '1', '0']],
    ['label', ['none', 'violence', 'gardening']],
    ['label', ['none', 'violence prevention']],
    ['label', ['none', 'some']],
    ['is_safe', ['none', 'violence']],
  ])('is asked about where it may be a label that is missing: %s of %j', async (column, values) => {
    const { labels } = await decide(table(column, values));
    expect(labels?.question).toMatchObject({ kind: 'values' });
  });

  it('in a column of categories does not overrule a label', async () => {
    const { prompts } = await read('prompt,label,category\nA?,1,none\nB?,0,hate\nC?,0,none\n');
    expect(prompts.map(({ label, category }) => [label, category])).toEqual([
      ['harmful', 'none'],
      ['safe', 'hate'],
      ['safe', 'safe'],
    ]);
  });
});

describe('scores', () => {
  it.each([
    ['label', ['0.9', '0.1', ''], '0.9'],
    ['toxicity', ['1', '2', '3', '5'], '1'],
    ['toxicity_score', ['0', '0.5', '1'], '0.5'],
    ['toxicity', Array.from({ length: 60 }, (_, i) => String(i)), '0'],
  ])('are asked about as scores: %s of %j', async (column, values, example) => {
    const question = (await decide(table(column, values))).labels?.question;
    expect(question).toEqual({ kind: 'scores', column, example });
    expect(questionText(question ?? { kind: 'no-column' }, 'a.csv')).toMatch(
      /a threshold is needed to make two classes/,
    );
  });

  it('are divided by a threshold, rows without one left out', async () => {
    const { above, below } = thresholdValues(0.5);
    const meanings = new Map<string, Meaning>([[above, 'harmful'], [below, 'safe']]); // prettier-ignore
    const many = Array.from({ length: 60 }, (_, i) => String(i / 60));
    const label = { column: 'toxicity', meanings, from: 0.5 };
    const { prompts, leftOut } = await read(table('toxicity', [...many, '', 'nan']), { label });
    expect(prompts.map((prompt) => prompt.label)).toEqual(many.map((_, i) => (i < 30 ? 'safe' : 'harmful')));
    expect(leftOut['no-label']).toBe(2);
    const odd = await decide(table('toxicity', ['0.9', 'odd']), { label });
    expect(odd.labels?.question).toMatchObject({ kind: 'values', values: [{ value: 'odd' }] });
  });
});
