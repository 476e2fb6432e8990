/**
 * The headers of a Parquet file's pages, looked through before hyparquet reads the pages: it trusts them, so that a size or a count
 * that is missing, negative or no whole number keeps it busy without end.
 * Source: github.com/apache/parquet-format, `parquet.thrift`.
 */
import type { ColumnMetaData, FileMetaData } from 'hyparquet';
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';

const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;
const LARGEST_PAGE = 2 ** 30; // bytes when unpacked; writers make pages of one megabyte

type Struct = Readonly<Record<`field_${number}`, unknown>>;

const isCount = (value: unknown, most: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;

/** Checks those columns of a file that lie within bytes of it, which begin at `start`. Throws an Error that says what is wrong. */
export function checkPagesWithin(
  bytes: Uint8Array,
  start: number,
  { row_groups }: FileMetaData,
  columns: readonly string[],
): void {
  for (const { meta_data: chunk } of row_groups.flatMap((group) => group.columns)) {
    if (chunk === undefined || !columns.includes(chunk.path_in_schema[0] ?? '')) continue;
    const from = Number(chunk.dictionary_page_offset || chunk.data_page_offset); // where hyparquet begins; 0 counts as none
    const to = from + Number(chunk.total_compressed_size);
    if (![from, to, Number(chunk.num_values)].every((count) => isCount(count, Infinity))) {
      throw new Error('a column of the file lies nowhere');
    }
    if (from < start || to > start + bytes.length) continue; // asked for with other bytes
    checkPages(bytes.subarray(from - start, to - start), chunk);
  }
}

function checkPages(bytes: Uint8Array, chunk: ColumnMetaData): void {
  const name = chunk.path_in_schema.join('.').slice(0, 60);
  const most = Number(chunk.num_values);
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  for (let values = 0; values < most && reader.offset < bytes.length - 1;) {
    const header = deserializeTCompactProtocol(reader) as Struct;
    const size = header.field_3;
    const isSized = isCount(size, bytes.length - reader.offset) && isCount(header.field_2, LARGEST_PAGE);
    const count = isSized ? valuesOf(header, size, most) : null;
    if (!isSized || count === null) throw new Error(`a page of the column ${name} has a header that cannot be`);
    values += count;
    reader.offset += size;
  }
}

/** How many values a page adds; null where its header says what cannot be. */
function valuesOf(header: Struct, size: number, most: number): number | null {
  if (header.field_1 === DATA_PAGE) {
    const { field_1: values } = (header.field_5 ?? {}) as Struct;
    return isCount(values, most) ? values : null;
  }
  if (header.field_1 === DICTIONARY_PAGE) {
    const { field_1: values } = (header.field_7 ?? {}) as Struct;
    return isCount(values, LARGEST_PAGE) ? 0 : null;
  }
  if (header.field_1 !== DATA_PAGE_V2) return 0; // which hyparquet refuses by name
  const { field_1: values, field_2: nulls, field_3: rows, field_5: definitions, field_6: repetitions } = (header.field_8 ?? {}) as Struct; // prettier-ignore
  if (!isCount(values, most) || !isCount(nulls, values) || !isCount(rows, values)) return null;
  return isCount(definitions, size) && isCount(repetitions, size - definitions) ? values : null;
}
