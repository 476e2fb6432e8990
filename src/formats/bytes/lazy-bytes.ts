/**
 * Bytes that are read only where they are looked at. ONNX Runtime for the web takes external data as a `Uint8Array` in every build, but
 * asks it for nothing else than `byteLength` and one `subarray` for each weight, which it copies at once: so a file of any size costs
 * the memory of its largest weight. Only the JSPI build could stream a Blob instead. A test opens models through this in all builds.
 *
 * @param fill reads the file's bytes from `start` on into the whole of `into`
 */
export function lazyBytes(byteLength: number, fill: (into: Uint8Array, start: number) => void): Uint8Array {
  let buffer = new Uint8Array(0);
  const subarray = (start: number, end: number): Uint8Array => {
    if (buffer.length < end - start) buffer = new Uint8Array(end - start);
    const into = buffer.subarray(0, end - start);
    fill(into, start);
    return into;
  };
  return Object.defineProperties(new Uint8Array(0), {
    byteLength: { value: byteLength },
    subarray: { value: subarray },
  });
}
