/** Keys of a config.json, each read within bounds that no OLMo comes near: a damaged number must not become a graph of a billion layers. */
import { LabError } from '../../core/errors.ts';
import { shownValue } from '../../core/text/quote.ts';
import type { JsonObject } from '../../formats/bytes/json.ts';

/** The largest that is read of each size. The largest OLMo so far has 64 layers of width 5,120. */
export const CONFIG_LIMITS = {
  hidden_size: 65_536,
  intermediate_size: 1_048_576,
  num_hidden_layers: 512,
  num_attention_heads: 1024,
  num_key_value_heads: 1024,
  head_dim: 1024,
  vocab_size: 4_194_304,
  max_position_embeddings: 1_073_741_824,
  sliding_window: 1_073_741_824,
} as const;

export class ConfigReader {
  readonly #json: JsonObject;
  readonly #file: string;

  constructor(json: JsonObject, file: string) {
    this.#json = json;
    this.#file = file;
  }

  /** The error of a key, with its value. */
  error(key: string, problem: string, nextStep = 'Check the checkpoint’s config.json.'): LabError {
    const value = Object.hasOwn(this.#json, key) ? shownValue(this.#json[key]) : 'missing';
    return new LabError('config', `${this.#file}: ${key} (${value}) ${problem}.`, nextStep);
  }

  /** What is under a key; null where it is missing or null, which mean the same in a config.json. */
  value(key: string): unknown {
    return Object.hasOwn(this.#json, key) ? (this.#json[key] ?? null) : null;
  }

  /** A whole number from 1 to the key's limit. */
  count(key: keyof typeof CONFIG_LIMITS, fallback?: number): number {
    const value = this.value(key) ?? fallback;
    if (!Number.isInteger(value) || (value as number) <= 0) throw this.error(key, 'is not a positive whole number');
    const most = CONFIG_LIMITS[key];
    if ((value as number) > most) {
      throw this.error(key, `is more than ${most}`, 'No OLMo is that large: fetch the checkpoint’s config.json again.');
    }
    return value as number;
  }

  positive(key: string, fallback?: number): number {
    const value = this.value(key) ?? fallback;
    if (!isPositive(value)) throw this.error(key, 'is not a positive number');
    return value;
  }

  /** True or false; false where it is missing. */
  flag(key: string): boolean {
    const value = this.value(key) ?? false;
    if (typeof value !== 'boolean') throw this.error(key, 'is neither true nor false');
    return value;
  }

  /** Throws where a key has a value that changes what the model computes, and the lab does not compute that. */
  refuse(key: string, isBad: (value: unknown) => boolean, nextStep: string): void {
    const value = this.value(key);
    if (value !== null && isBad(value)) throw this.error(key, 'is not supported', nextStep);
  }
}

export const isPositive = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;
