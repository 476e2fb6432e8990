import { describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import { decodeUtf8, parseJsonObject } from '../../../../src/formats/bytes/json.ts';
import { parseJsonLines } from '../../../../src/formats/bytes/jsonl.ts';
import { parsePromptSet } from '../../../../src/formats/prompts/prompt-set.ts';

const row = { id: 'p1', text: 'How do I bake bread?', label: 'safe', category: 'safe', split: 'test' };
const asLines = (...rows: unknown[]): string => rows.map((entry) => JSON.stringify(entry)).join('\n');

/** What `job` throws. */
function thrown(job: () => unknown): LabError {
  try {
    job();
  } catch (error) {
    if (error instanceof LabError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('decodeUtf8', () => {
  it('names the file of bytes that are not text', () => {
    const error = thrown(() => decodeUtf8('config.json', Uint8Array.of(0x7b, 0xc3)));
    expect(error.code).toBe('format');
    expect(error.message).toContain('config.json');
  });
});

describe('parseJsonObject', () => {
  it.each([['{"a"'], ['[1]'], ['null'], ['"text"'], ['']])('refuses %s and names the file', (text) => {
    const error = thrown(() => parseJsonObject('config.json', text));
    expect(error.code).toBe('format');
    expect(error.message).toContain('config.json');
  });
});

describe('parseJsonLines', () => {
  it('passes over blank lines and takes Windows line ends', () => {
    expect(parseJsonLines('p.jsonl', '\n{"a":1}\r\n\r\n{"a":2}\n')).toEqual([
      { line: 2, value: { a: 1 } },
      { line: 4, value: { a: 2 } },
    ]);
  });

  it('names the line that is wrong', () => {
    expect(thrown(() => parseJsonLines('p.jsonl', '{"a":1}\n\n{"a":')).message).toContain('p.jsonl, line 3');
    expect(thrown(() => parseJsonLines('p.jsonl', '{"a":1}\n[2]')).message).toContain('p.jsonl, line 2');
  });

  it('refuses a file without rows', () => {
    expect(thrown(() => parseJsonLines('p.jsonl', ' \n\n')).message).toBe('p.jsonl has no rows.');
  });
});

describe('parsePromptSet', () => {
  it('names the line of a label that is nested without end', () => {
    const line = asLines({ ...row, label: 'DEEP' }).replace('"DEEP"', '['.repeat(30_000) + ']'.repeat(30_000));
    expect(thrown(() => parsePromptSet('p.jsonl', line)).message).toMatch(/^p\.jsonl, line 1: the label \[\[.{0,200}$/);
  });

  it('reads rows, with what they rewrite', () => {
    const rewritten = { ...row, id: 'p2', split: 'rewritten', rewriteOf: 'p1' };
    expect(parsePromptSet('p.jsonl', asLines(row, rewritten))).toEqual([row, rewritten]);
  });

  it('leaves out what it does not know', () => {
    expect(parsePromptSet('p.jsonl', asLines({ ...row, source: 'me' }))).toEqual([row]);
  });

  it.each([
    ['id', { ...row, id: undefined }],
    ['id', { ...row, id: 7 }],
    ['text', { ...row, text: '' }],
    ['category', { ...row, category: null }],
    ['split', { ...row, split: undefined }],
    ['rewriteOf', { ...row, rewriteOf: 3 }],
    ['label', { ...row, label: 'evil' }],
    ['label', { ...row, label: undefined }],
  ])('names the line and the field "%s" where that is wrong', (field, bad) => {
    const error = thrown(() => parsePromptSet('p.jsonl', asLines(row, bad)));
    expect(error.code).toBe('format');
    expect(error.message).toContain('p.jsonl, line 2');
    expect(error.message).toContain(field);
  });
});
