/** Files of a converted model read to their end, every byte checked on its way. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import { SEGMENT_BYTES, sha256, type FileDigest } from '../convert/digests.ts';

/** A file's bytes in the pieces that its digest knows. Throws a `format` error that names the file and the place of the damage. */
export async function* checkedPieces(source: ByteSource, digest: FileDigest): AsyncGenerator<Uint8Array> {
  const nextStep = 'The stored model is damaged: remove it and convert or copy it again.';
  if (source.byteLength !== digest.bytes) {
    throw new LabError(
      'format',
      `${shown(source.name)} has ${source.byteLength} bytes, not ${digest.bytes}.`,
      nextStep,
    );
  }
  for (const [index, segment] of digest.segments.entries()) {
    const start = index * SEGMENT_BYTES;
    const bytes = await source.slice(start, Math.min(start + SEGMENT_BYTES, digest.bytes));
    if ((await sha256(bytes)) !== segment) {
      throw new LabError('format', `${shown(source.name)} is not what was written, near byte ${start}.`, nextStep);
    }
    yield bytes;
  }
}

/** The whole of a small file, checked. */
export async function checkedBytes(source: ByteSource, digest: FileDigest): Promise<Uint8Array> {
  const whole = new Uint8Array(digest.bytes);
  let at = 0;
  for await (const piece of checkedPieces(source, digest)) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

/** Pieces as a stream that is made while it is read. Ending it early ends the generator. */
export function streamOfPieces(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const next = await pieces.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      cancel: async () => {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 }, // nothing is read before it is wanted
  );
}
