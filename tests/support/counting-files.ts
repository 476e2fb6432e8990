/** A checkpoint that tells which bytes of which file were read. */
import type { CheckpointFiles } from '../../src/engine/checkpoint/checkpoint-files.ts';

export interface ReadRange {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

export interface CountingFiles {
  readonly files: CheckpointFiles;
  readonly reads: ReadRange[];
}

/** Counts what is read of `files`; `onRead` may fail a read by throwing, or hold it up. */
export function countingFiles(
  files: CheckpointFiles,
  onRead: (range: ReadRange) => void | Promise<void> = () => undefined,
): CountingFiles {
  const reads: ReadRange[] = [];
  const open: CheckpointFiles['open'] = async (file) => {
    const source = await files.open(file);
    if (source === null) return null;
    const slice = async (start: number, end: number): Promise<Uint8Array> => {
      const range = { file, start, end };
      reads.push(range);
      await onRead(range);
      return source.slice(start, end);
    };
    return { name: source.name, byteLength: source.byteLength, slice };
  };
  return { files: { label: files.label, open }, reads };
}
