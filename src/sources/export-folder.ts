/** A new folder for an export, inside a folder that the user picked. */
import { LabError } from '../core/errors.ts';
import { shown } from '../core/text/quote.ts';

export interface ExportFolder {
  /** Writes a file, creating the subfolders in its path. */
  write(path: string, content: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void>;
  /** Removes the folder and everything written to it. */
  discard(): Promise<void>;
}

/** @throws LabError `bad-request`, when the folder already contains that name; `storage`, when it cannot be written */
export async function makeExportFolder(within: FileSystemDirectoryHandle, name: string): Promise<ExportFolder> {
  for await (const taken of within.keys()) {
    if (taken !== name) continue;
    const problem = `“${shown(within.name)}” already contains “${shown(name)}”.`;
    throw new LabError('bad-request', problem, 'Choose another folder, or move it elsewhere.');
  }
  const root = await within.getDirectoryHandle(name, { create: true }).catch((cause: unknown) => {
    const nextStep = 'Allow Harmscope to write there, or choose another folder.';
    throw new LabError('storage', `“${shown(within.name)}” cannot be written.`, nextStep, { cause });
  });
  return {
    write: async (path, content, signal) => {
      const names = path.split('/');
      const file = names.pop() ?? path;
      let folder = root;
      for (const part of names) folder = await folder.getDirectoryHandle(part, { create: true });
      const handle = await folder.getFileHandle(file, { create: true });
      const writable = (await handle.createWritable()) as WritableStream<Uint8Array>;
      await content.pipeTo(writable, { signal });
    },
    discard: () => within.removeEntry(name, { recursive: true }),
  };
}
