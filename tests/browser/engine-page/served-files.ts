import type { CheckpointFiles } from '../../../src/engine/checkpoint/checkpoint-files.ts';
import { bytesSource } from '../../../src/formats/bytes/byte-source.ts';

/** A folder of the test server. Its fallback for a missing file is a page, which no checkpoint holds. */
export function servedFiles(folder: string): CheckpointFiles {
  return {
    label: folder,
    open: async (file) => {
      const response = await fetch(new URL(`../${folder}/${file}`, location.href));
      if (!response.ok || response.headers.get('content-type')?.startsWith('text/html') === true) return null;
      return bytesSource(file, new Uint8Array(await response.arrayBuffer()));
    },
  };
}
