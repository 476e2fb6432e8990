/**
 * Bytes that are read only where they are looked at. ONNX Runtime wants external data as a whole `Uint8Array` where it cannot stream a
 * Blob (all builds but JSPI's, and Node), but asks it for nothing else than `byteLength` and one `subarray` a weight: so a file of any
 * size costs the memory of its largest weight. A test creates sessions from it in every build.
 */
export function lazyBytes(byteLength: number, read: (start: number, end: number) => Uint8Array): Uint8Array {
  return Object.defineProperties(new Uint8Array(0), {
    byteLength: { value: byteLength },
    subarray: { value: (start: number, end: number) => read(start, end) },
  });
}
