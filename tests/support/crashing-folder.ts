/** A folder in memory that behaves as a disk does when the machine stops: what was not flushed may be there, in part, or not. */
import { createRandom } from '../../src/core/sampling/random.ts';
import { lazyBytes } from '../../src/formats/bytes/lazy-bytes.ts';
import type { ModelFolder } from '../../src/engine/convert/model-folder.ts';
import { bytesSource, type ByteSource } from '../../src/formats/bytes/byte-source.ts';

interface PendingWrite {
  readonly file: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export class Crash extends Error {}

export class CrashingFolder implements ModelFolder {
  readonly label = 'a folder that crashes';
  readonly files = new Map<string, Uint8Array>(); // what reads see
  operations = 0;
  crashAt = Infinity; // the operation at which the machine stops
  #durable = new Map<string, Uint8Array>();
  #pending: PendingWrite[] = [];

  /** What the disk holds after the machine starts again: of unflushed writes some whole, some torn, some lost. */
  restart(seed: number): void {
    const random = createRandom(seed);
    for (const { file, offset, bytes } of this.#pending) {
      const share = [0, random(), 1][Math.floor(random() * 3)] ?? 0;
      splice(this.#durable, file, offset, bytes.subarray(0, Math.floor(bytes.length * share)));
    }
    this.#pending = [];
    this.files.clear();
    for (const [file, bytes] of this.#durable) this.files.set(file, bytes.slice());
    this.operations = 0;
    this.crashAt = Infinity;
  }

  #step(): void {
    if (++this.operations > this.crashAt) throw new Crash('the machine stopped');
  }

  write(file: string, offset: number, bytes: Uint8Array): Promise<void> {
    return settled(() => {
      this.#pending.push({ file, offset, bytes: bytes.slice() }); // an operation that crashes may have done its work, or part
      splice(this.files, file, offset, bytes);
      this.#step();
    });
  }

  flush(file: string): Promise<void> {
    return settled(() => {
      this.#step();
      for (const write of this.#pending)
        if (write.file === file) splice(this.#durable, file, write.offset, write.bytes);
      this.#pending = this.#pending.filter((write) => write.file !== file);
    });
  }

  put(file: string, bytes: Uint8Array): Promise<void> {
    return settled(() => {
      this.#step();
      this.#durable.set(file, bytes.slice());
      this.files.set(file, bytes.slice());
    });
  }

  remove(file: string): Promise<void> {
    return settled(() => {
      this.#step();
      this.#durable.delete(file);
      this.files.delete(file);
      this.#pending = this.#pending.filter((write) => write.file !== file);
    });
  }

  list(): Promise<readonly string[]> {
    return Promise.resolve([...this.files.keys()]);
  }

  open(file: string): Promise<ByteSource | null> {
    const bytes = this.files.get(file);
    return Promise.resolve(bytes === undefined ? null : bytesSource(file, bytes));
  }

  externalData(file: string): Promise<Uint8Array> {
    const bytes = this.files.get(file) ?? new Uint8Array();
    return Promise.resolve(
      lazyBytes(bytes.length, (into, start) => into.set(bytes.subarray(start, start + into.length))),
    );
  }

  release(): Promise<void> {
    return Promise.resolve();
  }
}

function splice(files: Map<string, Uint8Array>, file: string, offset: number, bytes: Uint8Array): void {
  const before = files.get(file) ?? new Uint8Array();
  const after = new Uint8Array(Math.max(before.length, offset + bytes.length));
  after.set(before);
  after.set(bytes, offset);
  files.set(file, after);
}

function settled(job: () => void): Promise<void> {
  return new Promise((resolve) => {
    job();
    resolve();
  });
}
