/** The tensors of a checkpoint by name, whether they live in one safetensors file or in shards behind an index. */
import { LabError } from '../../core/errors.ts';
import { shown, shownValue } from '../../core/text/quote.ts';
import type { ByteSource } from '../../formats/bytes/byte-source.ts';
import { duplicateKey } from '../../formats/bytes/duplicate-keys.ts';
import { isJsonObject, parseJsonObject } from '../../formats/bytes/json.ts';
import {
  readFloat32,
  readSafetensorsHeader,
  type SafetensorsHeader,
  type TensorEntry,
} from '../../formats/bytes/safetensors.ts';
import { readText, type CheckpointFiles } from './checkpoint-files.ts';

const SINGLE_FILE = 'model.safetensors';
const INDEX_FILE = 'model.safetensors.index.json';
const SAVE_ANEW =
  'Save it with transformers’ save_pretrained(safe_serialization=True); pickles can run code, so the lab reads none.';

/** Weights in other formats, by the names that they usually have. */
const OTHER_WEIGHTS = [
  ...['pytorch_model.bin', 'pytorch_model.bin.index.json', 'consolidated.00.pth', 'model.pt', 'model.pth'],
  ...['tf_model.h5', 'flax_model.msgpack', 'model.gguf', 'model.npz'],
];

export interface LocatedTensor {
  readonly source: ByteSource;
  readonly entry: TensorEntry;
}

interface Shard {
  readonly source: ByteSource;
  readonly header: SafetensorsHeader;
}

export class CheckpointTensors {
  readonly #files: CheckpointFiles;
  readonly #shardOf: ReadonlyMap<string, string> | null; // tensor → file; null: all in one file
  readonly #shards = new Map<string, Promise<Shard>>();

  private constructor(files: CheckpointFiles, shardOf: ReadonlyMap<string, string> | null) {
    this.#files = files;
    this.#shardOf = shardOf;
  }

  /** Finds the file or the index. Throws `not-found` or `format` errors that name the file. */
  static async open(files: CheckpointFiles): Promise<CheckpointTensors> {
    const hasSingleFile = (await files.open(SINGLE_FILE)) !== null; // preferred where both are there, as transformers does
    const shardOf = hasSingleFile ? null : await readIndex(files);
    const tensors = new CheckpointTensors(files, shardOf);
    if (shardOf === null) await tensors.#shard(SINGLE_FILE);
    return tensors;
  }

  /** Throws a `format` error where the weights have more layers than config.json, whose first ones alone would then be run. */
  async checkLayers(layers: number): Promise<void> {
    const names = this.#shardOf?.keys() ?? (await this.#shard(SINGLE_FILE)).header.tensors.keys();
    for (const name of names) {
      const layer = /^model\.layers\.(\d+)\./.exec(name)?.[1];
      if (layer === undefined || Number(layer) < layers) continue;
      const problem = `config.json of ${shown(this.#files.label)} has ${layers} layers; its weights hold layer ${shown(layer)}.`;
      throw new LabError(
        'format',
        problem,
        'Its weights do not belong to its config.json: fetch the checkpoint again.',
      );
    }
  }

  /** The name of the checkpoint's file that should hold a tensor; '' where no file is named for it. */
  fileOf(tensor: string): string {
    return this.#shardOf === null ? SINGLE_FILE : (this.#shardOf.get(tensor) ?? '');
  }

  /** Where a tensor lies, whatever its shape; null where the checkpoint has none of that name. */
  async find(name: string): Promise<LocatedTensor | null> {
    const file = this.#shardOf === null ? SINGLE_FILE : this.#shardOf.get(name);
    if (file === undefined) return null;
    const { source, header } = await this.#shard(file);
    const entry = header.tensors.get(name);
    return entry === undefined ? null : { source, entry };
  }

  /** Where a tensor lies, its shape checked. Throws an error that names the tensor. */
  async locate(name: string, shape: readonly number[]): Promise<LocatedTensor> {
    const file = this.#shardOf === null ? SINGLE_FILE : this.#shardOf.get(name);
    const shard = file === undefined ? undefined : await this.#shard(file);
    const entry = shard?.header.tensors.get(name);
    if (shard === undefined || entry === undefined) {
      throw new LabError(
        'format',
        `${shown(this.#files.label)} has no tensor ${name}${file === undefined ? '' : ` in ${shown(file)}`}.`,
        'Its weights do not belong to its config.json: fetch the checkpoint again.',
      );
    }
    if (entry.shape.join() !== shape.join()) {
      throw new LabError(
        'format',
        `${shown(shard.source.name)}: tensor ${name} has shape [${shown(entry.shape.join(', '))}]; config.json asks for [${shape.join(', ')}].`,
        'Its weights do not belong to its config.json: fetch the checkpoint again.',
      );
    }
    return { source: shard.source, entry };
  }

  /** Every tensor of the checkpoint; opens all of its files, reads their headers, and no tensor. */
  async list(): Promise<readonly LocatedTensor[]> {
    const files = this.#shardOf === null ? [SINGLE_FILE] : [...new Set(this.#shardOf.values())];
    const shards = await Promise.all(files.map((file) => this.#shard(file)));
    return shards.flatMap(({ source, header }) => [...header.tensors.values()].map((entry) => ({ source, entry })));
  }

  /** A whole tensor as float32, row-major. */
  async read(name: string, shape: readonly number[]): Promise<Float32Array> {
    const { source, entry } = await this.locate(name, shape);
    return readFloat32(source, entry);
  }

  /** Opens a file of tensors once; a failure is forgotten, so that a retry can succeed. */
  #shard(file: string): Promise<Shard> {
    const known = this.#shards.get(file);
    if (known !== undefined) return known;
    const opening = this.#openShard(file);
    this.#shards.set(file, opening);
    opening.catch(() => this.#shards.delete(file));
    return opening;
  }

  async #openShard(file: string): Promise<Shard> {
    const source = await this.#files.open(file);
    if (source === null) throw await this.#missing(file);
    return { source, header: await readSafetensorsHeader(source) };
  }

  async #missing(file: string): Promise<LabError> {
    const label = shown(this.#files.label);
    if (this.#shardOf !== null) {
      return new LabError(
        'not-found',
        `${label}: the shard ${shown(file)} is missing.`,
        `${INDEX_FILE} names it: fetch it too.`,
      );
    }
    for (const other of OTHER_WEIGHTS) {
      if ((await this.#files.open(other)) === null) continue;
      throw new LabError('format', `${label} holds its weights as ${other}, not as safetensors.`, SAVE_ANEW);
    }
    const nextStep = 'Point the lab at a folder in the Hugging Face format.';
    return new LabError('not-found', `${label} has neither ${SINGLE_FILE} nor ${INDEX_FILE}.`, nextStep);
  }
}

/** tensor → file, or null where there is no index. Throws `format` errors where a file lies outside of the folder or a tensor is listed twice. */
async function readIndex(files: CheckpointFiles): Promise<ReadonlyMap<string, string> | null> {
  const text = await readText(files, INDEX_FILE);
  if (text === null) return null;
  const name = `${INDEX_FILE} of ${shown(files.label)}`;
  const fail = (problem: string): LabError => new LabError('format', `${name} ${problem}.`, 'Download the file again.');
  const map = parseJsonObject(name, text)['weight_map'];
  if (!isJsonObject(map)) throw fail('has no valid weight_map');
  const twice = duplicateKey(text);
  if (twice !== null) throw fail(`lists ${shown(twice)} twice`);
  const entries = Object.entries(map).map(([tensor, file]): [string, string] => {
    if (typeof file === 'string' && /^(?!\.)[^\\/\0]+$/.test(file)) return [tensor, file];
    throw fail(`has a weight_map that puts ${shown(tensor)} into ${shownValue(file)}, which is not a file beside it`);
  });
  return new Map(entries);
}
