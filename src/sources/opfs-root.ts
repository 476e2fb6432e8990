import { withinTime } from './time-limit.ts';

const OPENING_MS = 5000; // a browser that has not answered by then never will

/** The browser's private file system. Rejects if the browser refuses it, as in some private windows. */
export function openOpfsRoot(): Promise<FileSystemDirectoryHandle> {
  return withinTime(navigator.storage.getDirectory(), OPENING_MS);
}
