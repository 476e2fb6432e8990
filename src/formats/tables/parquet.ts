/** Parquet tables by byte range, through hyparquet: the footer first, then only the chunks of the columns that are asked for. */
import {
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type AsyncBuffer,
  type CompressionCodec,
  type Compressors,
  type FileMetaData,
} from 'hyparquet';
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { ByteSource } from '../bytes/byte-source.ts';
import { checkPagesWithin } from './parquet-pages.ts';
import { missingColumn, type TableRow } from './table.ts';

/** Of the file's end, read in one go: holds the footer of most tables; hyparquet's half a megabyte would be many a whole file. */
const FOOTER_BYTES = 64 * 1024;

/** Rows read at once. The Hub's converter writes row groups of 1,000, each of which would wait for its own requests. */
const BATCH_ROWS = 32_768;

/** Batches of rows, counted from 1. Throws `format` errors that name the file, and the rows or the column where it is known. */
export async function* readParquet(
  source: ByteSource,
  columns: readonly string[] | 'all',
): AsyncGenerator<readonly TableRow[], void, undefined> {
  const { name } = source;
  const file = asyncBuffer(source);
  const metadata = await named(`${name} cannot be read as Parquet`, () =>
    parquetMetadataAsync(file, { initialFetchSize: FOOTER_BYTES, geoparquet: false }),
  );
  const known = parquetSchema(metadata).children.map(({ element }) => element.name);
  const wanted = columns === 'all' ? known : columns;
  for (const column of wanted) if (!known.includes(column)) throw missingColumn(name, column, known);
  const checked = asyncBuffer(source, (bytes, start) => checkPagesWithin(bytes, start, metadata, wanted));
  const compressors = await compressorsFor(metadata, wanted);
  const rows = rowsOf(name, metadata);
  for (let rowStart = 0; rowStart < rows;) {
    let rowEnd = rowStart; // at the end of a row group, so that no chunk is fetched twice
    let groupEnd = 0;
    for (const group of metadata.row_groups) {
      groupEnd += Number(group.num_rows);
      if (groupEnd > rowStart && (rowEnd === rowStart || groupEnd - rowStart <= BATCH_ROWS)) rowEnd = groupEnd;
    }
    const range = { rowStart, rowEnd };
    const batch = await named(
      `${name}, rows ${rowStart + 1} to ${rowEnd}, cannot be read`,
      () =>
      parquetReadObjects({ file: checked, metadata, columns: [...wanted], ...range, geoparquet: false, ...(compressors && { compressors }) }), // prettier-ignore
    );
    const before = rowStart + 1;
    yield batch.map((values, index) => ({ row: before + index, values }));
    rowStart = rowEnd;
  }
}

/** The rows of all groups. A footer that counts otherwise would be read without end. */
function rowsOf(name: string, { num_rows, row_groups }: FileMetaData): number {
  const counts = row_groups.map((group) => Number(group.num_rows));
  const rows = counts.reduce((sum, count) => sum + count, 0);
  if (counts.every((count) => Number.isSafeInteger(count) && count >= 0) && rows === Number(num_rows)) return rows;
  const problem = `${shown(name)} cannot be read as Parquet: its row groups do not hold the ${Number(num_rows)} rows that it claims.`;
  throw new LabError('format', problem, WHOLE);
}

const WHOLE = 'Check that the file is whole, and a Parquet file.';

const BUILT_IN_CODECS: readonly string[] = ['UNCOMPRESSED', 'SNAPPY'] satisfies CompressionCodec[];

/** What unpacks the columns' other codecs, fetched where there are any; null where hyparquet itself reads them all. */
async function compressorsFor({ row_groups }: FileMetaData, columns: readonly string[]): Promise<Compressors | null> {
  const isOther = row_groups.some((group) =>
    group.columns.some(
      ({ meta_data: chunk }) => chunk !== undefined && columns.includes(chunk.path_in_schema[0] ?? '') && !BUILT_IN_CODECS.includes(chunk.codec), // prettier-ignore
    ),
  );
  return isOther ? (await import('hyparquet-compressors')).compressors : null;
}

/** `check` throws where bytes that were read cannot be used. */
function asyncBuffer(source: ByteSource, check?: (bytes: Uint8Array, start: number) => void): AsyncBuffer {
  const slice = async (start: number, end = source.byteLength): Promise<ArrayBuffer> => {
    const bytes = await source.slice(start, end);
    check?.(bytes, start);
    const { buffer, byteOffset, byteLength } = bytes;
    const isWhole = byteOffset === 0 && byteLength === buffer.byteLength;
    return (isWhole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer;
  };
  return { byteLength: source.byteLength, slice };
}

/** What hyparquet throws is a bare Error: the file's name and a next step are added; errors of the source stay as they are. */
async function named<T>(problem: string, job: () => Promise<T>): Promise<T> {
  try {
    return await job();
  } catch (cause) {
    if (cause instanceof LabError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const codec = /unsupported compression codec: (\w+)/.exec(reason)?.[1];
    const nextStep = codec === undefined ? WHOLE : 'Save it with snappy, gzip or zstd, or without compression.';
    throw new LabError(
      'format',
      `${problem}: ${codec === undefined ? shown(reason) : `it is packed with ${codec}`}.`,
      nextStep,
      {
        cause,
      },
    );
  }
}
