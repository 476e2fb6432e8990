/** Where a converted model rests: a folder of a few files, whether in the browser's private file system, on a disk or in a pack. */
import type { CheckpointFiles } from '../checkpoint/checkpoint-files.ts';

/** A converted model that can be read. It is a `CheckpointFiles` too: config and tokenizer lie in it as they came. */
export interface StoredModel extends CheckpointFiles {
  /** A file as ONNX Runtime takes it for external data: one that it reads piece by piece. Throws `not-found`. */
  externalData(file: string): Promise<Uint8Array | Blob>;
  /** Lets go of files held open for writing and for `externalData`. Sources from `open` stay readable. */
  release(): Promise<void>;
}

/** A folder that a conversion writes. Throws `storage` errors that name the file. */
export interface ModelFolder extends StoredModel {
  /** Writes at a byte offset; the file is made, and grows, as needed. */
  write(file: string, offset: number, bytes: Uint8Array): Promise<void>;
  /** Returns once what was written to the file is on the disk. */
  flush(file: string): Promise<void>;
  /** Writes a small file whole: after a crash it is either what it was before or all of `bytes`. */
  put(file: string, bytes: Uint8Array): Promise<void>;
  /** Removes a file; no error where there is none. */
  remove(file: string): Promise<void>;
  /** The names of its files. */
  list(): Promise<readonly string[]>;
}
