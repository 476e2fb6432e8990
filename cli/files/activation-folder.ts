/**
 * Activations in a local folder: one safetensors file per checkpoint and prompt set, with one tensor per layer, always complete. The
 * file name ends with a digest of everything the activations depend on, so the same command finds it again.
 */
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../src/core/errors.ts';
import { readFloat32, readSafetensorsHeader, writeSafetensors } from '../../src/formats/bytes/safetensors.ts';
import {
  isStoredActivations,
  type ActivationStore,
  type StoredActivations,
} from '../../src/labs/extraction/activation-store.ts';
import { makeFolder } from './file-errors.ts';
import { openFile } from './folder.ts';
import { writeOutput } from './output.ts';

const SITE = /\/(resid_post\.\d+)\//; // the part of an activation's key that names a tensor in the file
const ENDING = '.safetensors';
const LONGEST_STEM = 150; // characters; file systems allow names of 255 bytes, and the digest keeps shortened names distinct

export class ActivationFolder implements ActivationStore {
  readonly #path: string;
  readonly #layers: number; // layers to collect before a file is written
  readonly #gathered = new Map<string, StoredActivations[]>(); // digest → layers collected so far

  private constructor(path: string, layers: number) {
    this.#path = path;
    this.#layers = layers;
  }

  /** Creates the folder if necessary. `layers`: a file is written once this many layers have been collected. */
  static async open(path: string, layers: number): Promise<ActivationFolder> {
    await makeFolder(path);
    return new ActivationFolder(path, layers);
  }

  async has(key: string): Promise<boolean> {
    const file = await this.#find(digestOf(key));
    return file !== null && (await readSafetensorsHeader(file)).tensors.has(siteOf(key));
  }

  async get(key: string): Promise<unknown> {
    const file = await this.#find(digestOf(key));
    if (file === null) return null;
    const { tensors, metadata } = await readSafetensorsHeader(file);
    const entry = tensors.get(siteOf(key));
    if (entry === undefined) return null;
    const [rows = 0, hidden = 0] = entry.shape;
    const { checkpoint = '', promptSet = '' } = metadata;
    return { checkpoint, promptSet, rows, hidden, values: await readFloat32(file, entry) };
  }

  /** Holds a layer until its file is complete, then writes all layers together. */
  async set(key: string, value: unknown): Promise<void> {
    if (!isStoredActivations(value))
      throw new LabError(
        'internal',
        'The value to store is not a set of activations.',
        'This is a bug: please report it.',
      );
    const digest = digestOf(key);
    const gathered = [...(this.#gathered.get(digest) ?? []), value];
    this.#gathered.set(digest, gathered);
    if (gathered.length < this.#layers) return;
    this.#gathered.delete(digest);
    await this.#write(digest, gathered);
  }

  async #write(digest: string, layers: readonly StoredActivations[]): Promise<void> {
    const [first] = layers;
    if (first === undefined) return;
    const { checkpoint, promptSet, inputs } = first;
    const { commit, promptDigest, pooling, template, precision } = inputs;
    const earlier = await this.#otherLayers(digest, new Set(layers.map(({ inputs }) => inputs.site)));
    const tensors = layers.map(({ inputs: { site }, rows, hidden, values }) => [site, { shape: [rows, hidden], data: values }] as const); // prettier-ignore
    const metadata = { checkpoint, commit, promptSet, promptDigest, pooling, template, precision };
    const stem = `${checkpoint}.${promptSet}`.replaceAll(/[^\w.@-]+/g, '-').slice(0, LONGEST_STEM);
    const path = join(this.#path, `${stem}.${digest}${ENDING}`);
    await writeOutput(path, writeSafetensors(Object.fromEntries([...earlier, ...tensors]), metadata));
  }

  /** Layers that an earlier command wrote to the same file. */
  async #otherLayers(digest: string, sites: ReadonlySet<string>) {
    const file = await this.#find(digest);
    if (file === null) return [];
    const { tensors } = await readSafetensorsHeader(file);
    const others = [...tensors.values()].filter(({ name }) => !sites.has(name));
    return Promise.all(
      others.map(async (entry) => [entry.name, { shape: entry.shape, data: await readFloat32(file, entry) }] as const),
    );
  }

  async #find(digest: string): ReturnType<typeof openFile> {
    const name = (await readdir(this.#path)).find((file) => file.endsWith(`.${digest}${ENDING}`));
    return name === undefined ? null : openFile(join(this.#path, name));
  }
}

/** Digest of the key without its layer: all layers of a checkpoint and prompt set share one file. */
function digestOf(key: string): string {
  return createHash('sha256').update(key.replace(SITE, '/')).digest('hex').slice(0, 12);
}

const siteOf = (key: string): string => SITE.exec(key)?.[1] ?? '';
