/** Published prompts and tokenizers, where they lie beside the checkout; their licences keep them out of the project. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesSource, type ByteSource } from '../../src/formats/bytes/byte-source.ts';
import { readTable } from '../../src/formats/tables/read-table.ts';
import { formatOfName, textCell } from '../../src/formats/tables/table.ts';

export const REAL_DATA = join(import.meta.dirname, '../../../shared/data');

export const HAS_REAL_DATA = existsSync(REAL_DATA);

export const readReal = (path: string): Uint8Array => new Uint8Array(readFileSync(join(REAL_DATA, path)));

export const realSource = (path: string): ByteSource => bytesSource(path, readReal(path));

/** All texts of a column. */
export async function realTexts(path: string, column: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const batch of readTable(realSource(path), formatOfName(path), [column])) {
    for (const row of batch) texts.push(textCell(path, row, column));
  }
  return texts;
}
