/** One file of a checkpoint, tensor by tensor, into the files of a converted model. */
import { append } from '../../core/statistics/min-max.ts';
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { letGo } from '../../formats/bytes/byte-source.ts';
import { decodeFloat32 } from '../../formats/bytes/safetensors.ts';
import { checkWeights } from '../run/finite-checks.ts';
import { encodesByRow, encodeWeight } from '../graph/encode-weight.ts';
import { EMBEDDING_FILE } from './file-names.ts';
import { placesOf, type FileLayout } from './layout.ts';
import type { ModelFolder } from './model-folder.ts';
import { chunksOf, gapChunks, type Chunk, type ShardPlan, type TensorJob } from './plan.ts';
import { readAhead } from './read-ahead.ts';
import { ShardHash, type HashState } from './shard-hash.ts';

/** Bytes of tensors that nobody wants, which are read nevertheless where a digest needs the whole file. */
const MAX_UNWANTED_BYTES = 64e6;

export interface ShardWork {
  readonly shard: ShardPlan;
  readonly skip: number; // jobs that are done already
  readonly hash: HashState | null; // after those jobs
  readonly sha256: string | null; // that the whole file should have
  readonly layout: FileLayout;
  readonly store: ModelFolder;
  readonly chunkBytes: number; // read at once
  readonly signal: AbortSignal | undefined;
  readonly onChunk: (bytes: number, tensor: string) => void;
  /** The file's first `jobs` jobs are on the disk, and the whole file's digest was right, or is not yet known. */
  readonly onCommit: (jobs: number, hash: HashState | null, isChecked: boolean) => Promise<void>;
}

/**
 * Converts what is left of a file. Throws a `DigestError` where its digest differs, and errors of reading, encoding and writing that
 * name the tensor or the file.
 */
export async function convertShard(work: ShardWork): Promise<void> {
  const { shard, skip, sha256, chunkBytes, signal } = work;
  const hash = await openHash(work);
  let position = hash?.position ?? 0;
  const chunks: Chunk[] = [];
  for (const job of shard.jobs.slice(skip)) {
    if (hash !== null) append(chunks, gapChunks(position, job.entry.start, chunkBytes));
    append(chunks, chunksOf(job, chunkBytes));
    position = job.entry.end;
  }
  if (hash !== null) append(chunks, gapChunks(position, shard.source.byteLength, chunkBytes));
  const last = shard.jobs.at(-1);
  let done = skip;
  const touched = new Set<string>();
  const commit = async (): Promise<void> => {
    for (const file of touched) await work.store.flush(file);
    touched.clear();
    await work.onCommit(done, hash?.save() ?? null, false);
  };
  for await (const { chunk, bytes } of readAhead(shard.source, chunks, signal)) {
    hash?.update(bytes);
    if (chunk.rows === null) continue;
    work.onChunk(bytes.byteLength, chunk.rows.job.entry.name);
    for (const file of await writeRows(work, chunk.rows, bytes)) touched.add(file);
    letGo(bytes);
    const { job } = chunk.rows;
    if (chunk.end !== job.entry.end) continue;
    done++;
    if (job !== last) await commit(); // the last one waits for the digest
  }
  if (hash !== null) checkHash(shard, hash.digest(), sha256);
  for (const file of touched) await work.store.flush(file);
  await work.onCommit(done, null, hash !== null);
}

/** null where no digest is known, or where its beginning was not kept, or where most of the file is of no use. */
async function openHash({ shard, skip, hash, sha256 }: ShardWork): Promise<ShardHash | null> {
  const wanted = shard.jobs.reduce((sum, { entry }) => sum + entry.end - entry.start, 0);
  if (sha256 === null || shard.source.byteLength - wanted > MAX_UNWANTED_BYTES) return null;
  if (skip > 0 && hash === null) return null;
  return ShardHash.open(skip > 0 ? hash : null);
}

function checkHash({ source }: ShardPlan, actual: string, expected: string | null): void {
  if (actual === expected) return;
  const problem = `${shown(source.name)} is not the file it should be: its SHA-256 is ${actual}, not ${expected ?? 'known'}.`;
  throw new DigestError('format', problem, 'It was damaged on its way: convert again, and it is read anew.');
}

/** A file of the checkpoint that is not what its source says. */
export class DigestError extends LabError {}

/** Encodes rows of a tensor, writes them where they belong, and names the files. */
async function writeRows(
  { shard, layout, store }: ShardWork,
  { job, from, to }: { readonly job: TensorJob; readonly from: number; readonly to: number },
  bytes: Uint8Array,
): Promise<string[]> {
  const written: string[] = [];
  const write = async (file: string, offset: number, data: Uint8Array): Promise<void> => {
    await store.write(file, offset, data);
    written.push(file);
  };
  if (job.isEmbedding) await write(EMBEDDING_FILE, (from * bytes.byteLength) / (to - from), bytes);
  const data = decodeFloat32(shard.source.name, job.entry, bytes);
  checkWeights(data, shard.source.name, job.entry.name);
  for (const weight of job.weights) {
    const [first, end] = weight.rows ?? [0, job.entry.shape[0] ?? 1];
    if (!encodesByRow(weight) && first !== from) continue; // another part's rows
    const places = placesOf(layout, weight);
    for (const [index, encoded] of encodeWeight(weight, data).entries()) {
      const place = places[index];
      if (place?.byteLength !== (encoded.byteLength * (end - first)) / (to - from)) {
        throw new LabError(
          'internal',
          `${weight.tensor} was encoded to an unexpected size.`,
          'This is a bug: please report it.',
        );
      }
      await write(place.file, place.offset + (place.byteLength * (from - first)) / (end - first), encoded);
      if (encoded.buffer !== data.buffer) letGo(encoded); // a chunk's arrays are three times its bytes, and the collector takes its time
    }
  }
  letGo(data);
  return written;
}
