/** Reading a table in a test. */
import { expect } from 'vitest';
import type { ByteSource } from '../../src/formats/bytes/byte-source.ts';
import { readTable } from '../../src/formats/tables/read-table.ts';
import type { TableFormat, TableRow } from '../../src/formats/tables/table.ts';

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

export async function rowsOf(source: ByteSource, format: TableFormat, columns: readonly string[]): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  for await (const batch of readTable(source, format, columns)) rows.push(...batch);
  return rows;
}

/** What reading throws, as its code and message. */
export const refusal = (code: string, message: string | RegExp): unknown => ({
  code,
  message: typeof message === 'string' ? message : (expect.stringMatching(message) as unknown),
});
