const TELL_EVERY_MS = 100; // a pack passes in chunks of 64 kB, thousands a second

/** Passes bytes on and tells now and then, and at the end, how many they were. */
export function countBytes(onBytes: (doneBytes: number) => void): TransformStream<Uint8Array, Uint8Array> {
  let done = 0;
  let toldAt = -Infinity;
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      done += chunk.byteLength;
      controller.enqueue(chunk);
      const now = performance.now();
      if (now - toldAt < TELL_EVERY_MS) return;
      toldAt = now;
      onBytes(done);
    },
    flush: () => onBytes(done),
  });
}
