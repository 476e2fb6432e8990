/** Safetensors files with whatever header a test wants, right or wrong. */
export function safetensorsBytes(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  return withHeaderText(JSON.stringify(header), data);
}

export function withHeaderText(header: string, data: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.byteLength + data.byteLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.byteLength), true);
  file.set(text, 8);
  file.set(data, 8 + text.byteLength);
  return file;
}
