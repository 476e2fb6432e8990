/** What is said when the browser takes files away while they are being written. */
import { expect, test } from 'vitest';
import { OpfsFolder } from '../../../src/sources/opfs-folder.ts';

/** A folder whose files are there until `clear`. */
class Folder {
  isCleared = false;
  readonly written: number[] = [];

  get handle(): FileSystemDirectoryHandle {
    const getFileHandle = (): Promise<unknown> =>
      this.isCleared
        ? Promise.reject(new DOMException('A requested file could not be found.', 'NotFoundError'))
        : Promise.resolve({ createSyncAccessHandle: () => Promise.resolve(this.#access) });
    return { getFileHandle } as unknown as FileSystemDirectoryHandle;
  }

  readonly #access = {
    write: ({ byteLength }: Uint8Array): number => (this.isCleared ? 2 ** 32 - 4 : byteLength), // as Chromium does
    flush: (): void => {
      if (this.isCleared) throw new DOMException('The handle is closed.', 'InvalidStateError');
    },
    close: (): void => undefined,
  };
}

test.each([
  ['writing on', (folder: OpfsFolder) => folder.write('weights-0.bin', 4, new Uint8Array(4))],
  ['making sure of it', (folder: OpfsFolder) => folder.flush('weights-0.bin')],
  ['writing another', (folder: OpfsFolder) => folder.write('weights-1.bin', 0, new Uint8Array(4))],
])('%s after site data was cleared names the file, what happened and what to do', async (_, job) => {
  const disk = new Folder();
  const folder = new OpfsFolder('Instruct.q4', disk.handle);
  await folder.write('weights-0.bin', 0, new Uint8Array(4));
  disk.isCleared = true;
  await expect(job(folder)).rejects.toMatchObject({
    code: 'storage',
    message: expect.stringMatching(/^weights-[01].bin is gone .* site data was cleared/) as string,
    nextStep: 'Start again from the beginning.',
  });
});
