/** The activations saved in this browser: lists, exports and deletes them. */
import { highest } from '../../core/statistics/min-max.ts';
import { LabError } from '../../core/errors.ts';
import { residPost } from '../../engine/run/residual-sites.ts';
import { safetensorsHeader } from '../../formats/bytes/safetensors.ts';
import { isStoredActivations, type ActivationInputs, type StoredActivations } from './activation-store.ts';
import type { ActivationSet } from './extraction-messages.ts';

/** A description of stored activations, which can be read without their values. */
export interface ActivationAbout extends Omit<StoredActivations, 'values'> {
  readonly collection: string; // the ladder or checkpoint that they were computed for
  readonly stored: number; // ms since 1970
}

export function aboutActivations(value: unknown, collection: string, stored: number): ActivationAbout {
  if (!isStoredActivations(value))
    throw new LabError(
      'internal',
      'The value to store is not a set of activations.',
      'This is a bug: please report it.',
    );
  const { inputs, checkpoint, promptSet, rows, hidden } = value;
  return { inputs, checkpoint, promptSet, rows, hidden, collection, stored };
}

interface ListedActivations {
  readonly key: string;
  readonly about: ActivationAbout;
  readonly lastUsed: number | null;
}

/** Storage for activations. Its methods throw `storage` errors. */
export interface ActivationStorage {
  list(): Promise<readonly ListedActivations[]>;
  get(key: string): Promise<unknown>;
  delete(keys: readonly string[]): Promise<void>;
}

const FLOAT32_BYTES = 4;

export class ActivationLibrary {
  readonly #store: ActivationStorage;

  constructor(store: ActivationStorage) {
    this.#store = store;
  }

  /** One entry for each combination of ladder, prompt set and reading options; newest first. */
  async activations(): Promise<readonly ActivationSet[]> {
    const sets = [...(await this.#groups())].map(([id, units]) => describe(id, units));
    return sets.sort((a, b) => b.stored - a.stored);
  }

  async removeActivations(id: string): Promise<void> {
    const units = (await this.#groups()).get(id) ?? [];
    await this.#store.delete(units.map(({ key }) => key));
  }

  /**
   * Tensors `<checkpoint>/resid_post.<layer>` [prompts, hidden] as one safetensors file, read unit by unit: a ladder's activations
   * may be larger than memory.
   * @throws LabError `not-found`, when there are none
   */
  async activationsFile(id: string): Promise<File> {
    const units = (await this.#groups()).get(id) ?? [];
    const [first] = units;
    if (first === undefined) {
      throw new LabError('not-found', 'These activations have been deleted.', 'Extract them again.');
    }
    const names = tensorNames(units);
    const { promptSet, collection, inputs } = first.about;
    const commits = Object.fromEntries(units.map(({ about }) => [about.checkpoint, about.inputs.commit]));
    const { promptDigest, template, pooling, precision } = inputs;
    const metadata = { promptSet, promptDigest, template, pooling, precision, commits: JSON.stringify(commits) };
    const shapes = units.map(({ about }, index) => [names[index] ?? '', [about.rows, about.hidden]] as const);
    const parts: BlobPart[] = [safetensorsHeader(shapes, metadata)];
    for (const { key, about } of units) {
      const value = await this.#store.get(key);
      if (!isStoredActivations(value)) {
        throw new LabError('storage', `Activations of ${about.checkpoint} cannot be read.`, 'Extract them again.');
      }
      parts.push(new Blob([value.values as Float32Array<ArrayBuffer>])); // a Blob, which the browser may move to disk
    }
    const stem = `${collection}-${promptSet}`.replaceAll(/[^\w.@-]+/g, '-');
    return new File(parts, `${stem}.safetensors`, { type: 'application/octet-stream' });
  }

  async #groups(): Promise<ReadonlyMap<string, readonly ListedActivations[]>> {
    const groups = new Map<string, ListedActivations[]>();
    for (const unit of await this.#store.list()) {
      const id = idOf(unit.about);
      groups.set(id, [...(groups.get(id) ?? []), unit]);
    }
    return groups;
  }
}

function idOf({ collection, inputs }: ActivationAbout): string {
  const { promptDigest, template, pooling, precision } = inputs;
  return JSON.stringify([collection, promptDigest, template, pooling, precision]);
}

const layerOf = ({ site }: ActivationInputs): number => Number(site.slice(site.indexOf('.') + 1));

function describe(id: string, units: readonly ListedActivations[]): ActivationSet {
  const abouts = units.map(({ about }) => about);
  const [first] = abouts;
  if (first === undefined)
    throw new LabError('internal', 'A group of activations is empty.', 'This is a bug: please report it.');
  const { collection, promptSet, rows, hidden } = first;
  const { template, pooling, precision } = first.inputs;
  return {
    ...{ id, collection, promptSet, template, pooling, precision, rows, hidden },
    layers: [...new Set(abouts.map(({ inputs }) => layerOf(inputs)))].sort((a, b) => a - b),
    checkpoints: [...new Set(abouts.map(({ checkpoint }) => checkpoint))],
    bytes: abouts.reduce((sum, about) => sum + about.rows * about.hidden * FLOAT32_BYTES, 0),
    stored: highest(abouts.map(({ stored }) => stored)),
    lastUsed: units.reduce<number | null>((last, { lastUsed }) => (lastUsed === null ? last : Math.max(last ?? 0, lastUsed)), null), // prettier-ignore
  };
}

/** Tensor names, made unique: a branch that has moved has two commits under one label, so the commit is added. */
function tensorNames(units: readonly ListedActivations[]): string[] {
  const plain = units.map(({ about }) => `${about.checkpoint}/${residPost(layerOf(about.inputs))}`);
  return plain.map((name, index) => {
    const isUnique = plain.indexOf(name) === plain.lastIndexOf(name);
    return isUnique ? name : `${name}#${units[index]?.about.inputs.commit.slice(0, 8) ?? ''}`;
  });
}
