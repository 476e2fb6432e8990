import { storedZip } from '../convert/stored-zip.ts';
import type { ModelExport } from './export-model.ts';

/** The export as one ZIP that unpacks to its folder. */
export function exportAsZip({ name, files }: ModelExport): ReadableStream<Uint8Array> {
  return storedZip(async (add) => {
    for (const { path, byteLength, stream } of files) {
      await add(`${name}/${path}`, byteLength, { readable: stream(), size: byteLength });
    }
  });
}
