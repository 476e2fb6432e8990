import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import type { Chunk } from './plan.ts';

/** Reads chunks in order, the next one while the last one is worked on. Throws `fetch` errors for a source that gives less. */
export async function* readAhead(
  source: ByteSource,
  chunks: readonly Chunk[],
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly chunk: Chunk; readonly bytes: Uint8Array }> {
  const read = (index: number): Promise<Uint8Array> | null => {
    const chunk = chunks[index];
    if (chunk === undefined) return null;
    const reading = source.slice(chunk.start, chunk.end);
    reading.catch(() => undefined); // it is awaited later, or never where the work before it fails
    return reading;
  };
  let next = read(0);
  for (const [index, chunk] of chunks.entries()) {
    if (signal?.aborted) throw new LabError('interrupted', 'The conversion was stopped.', 'Start it again to resume.');
    const bytes = await next;
    if (bytes?.byteLength !== chunk.end - chunk.start) {
      const problem = `${shown(source.name)} gave ${bytes?.byteLength ?? 0} bytes where ${chunk.end - chunk.start} were asked for.`;
      throw new LabError('fetch', problem, 'Try again: what is done stays done.');
    }
    next = read(index + 1);
    yield { chunk, bytes };
  }
}
