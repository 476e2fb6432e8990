const REPORT_EVERY_MS = 100; // a pack arrives in chunks of 64 kB, thousands per second

/** Passes bytes through, and reports their count from time to time and at the end. */
export function countBytes(onBytes: (doneBytes: number) => void): TransformStream<Uint8Array, Uint8Array> {
  let done = 0;
  let reportedAt = -Infinity;
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      done += chunk.byteLength;
      controller.enqueue(chunk);
      const now = performance.now();
      if (now - reportedAt < REPORT_EVERY_MS) return;
      reportedAt = now;
      onBytes(done);
    },
    flush: () => onBytes(done),
  });
}
