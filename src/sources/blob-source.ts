/** Files that somebody chose on this machine, read by range where they lie. */
import { namesBelow } from '../core/checkpoint-folders.ts';
import { LabError } from '../core/errors.ts';
import { shown } from '../core/text/quote.ts';
import type { CheckpointFiles } from '../engine/checkpoint/checkpoint-files.ts';
import type { ByteSource } from '../formats/bytes/byte-source.ts';

interface ChosenFile {
  readonly path: string; // within the folder
  readonly file: File;
}

/** A file as a byte source. Reading throws a `fetch` error if the file has changed or disappeared since it was chosen. */
export function fileSource(file: File, name = file.name): ByteSource {
  return {
    name,
    byteLength: file.size,
    slice: async (start, end) => {
      try {
        return new Uint8Array(await file.slice(start, end).arrayBuffer());
      } catch (cause) {
        const problem = `${shown(name)} cannot be read: it has been changed, moved or removed since it was chosen.`;
        throw new LabError('fetch', problem, 'Choose it again.', { cause });
      }
    },
  };
}

/** A chosen folder's files as a checkpoint. */
export function chosenFolder(label: string, files: readonly ChosenFile[]): CheckpointFiles {
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  return {
    label,
    list: (folder) => Promise.resolve(namesBelow(byPath.keys(), folder)),
    open: (path) => {
      const file = byPath.get(path);
      return Promise.resolve(file === undefined ? null : fileSource(file, `${label}/${path}`));
    },
  };
}
