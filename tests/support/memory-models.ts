import type { ModelStorage } from '../../src/labs/models/model-library.ts';
import { readManifest } from '../../src/engine/convert/read-manifest.ts';
import { CrashingFolder } from './crashing-folder.ts';

/** Models in memory, as the browser's private file system keeps them. */
export class MemoryModels implements ModelStorage {
  readonly folders = new Map<string, CrashingFolder>();

  folder(name: string): Promise<CrashingFolder> {
    const folder = this.folders.get(name) ?? new CrashingFolder();
    this.folders.set(name, folder);
    return Promise.resolve(folder);
  }

  find(name: string): Promise<CrashingFolder | null> {
    return Promise.resolve(this.folders.get(name) ?? null);
  }

  async list(): ReturnType<ModelStorage['list']> {
    const models = [...this.folders].map(async ([name, folder]) => {
      const manifest = await readManifest(folder);
      const bytes = [...folder.files.values()].reduce((sum, file) => sum + file.byteLength, 0);
      const { label = null, precision = null } = manifest ?? {};
      return {
        name,
        label,
        precision,
        bytes,
        changed: 1,
        lastUsed: null,
        hasTokenizer: folder.files.has('tokenizer.json'),
      };
    });
    return Promise.all(models);
  }

  delete(name: string): Promise<void> {
    this.folders.delete(name);
    return Promise.resolve();
  }

  report(): ReturnType<ModelStorage['report']> {
    return Promise.resolve({ usedBytes: 0, quotaBytes: 1e9, persisted: false });
  }
}
