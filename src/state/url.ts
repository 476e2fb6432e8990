/**
 * The Steer page's choices as a query, in one table: each parameter's key, its reading and its writing. Values that are
 * the default are left out; a value that cannot be read falls back to the default and is reported.
 */
import { DIRECTION_NAMES, type DirectionName } from '../core/categories.ts';
import {
  DEFAULT_PARAMS,
  RANGES,
  withoutZeros,
  type Lambdas,
  type NumberRange,
  type SteerParams,
} from './steer-params.ts';

interface Codec<T> {
  readonly expects: string; // shown to whoever opens a link that says something else
  readonly read: (text: string) => T | undefined;
  readonly write: (value: T) => string;
}

export interface UrlProblem {
  readonly key: string;
  readonly text: string;
  readonly reason: string; // why it could not be used
}

export interface SteerQuery {
  readonly params: SteerParams;
  readonly run: boolean; // answer at once, without a press
  readonly problems: readonly UrlProblem[];
}

const NUMERAL = /^-?\d+(\.\d+)?$/;

function readNumber(text: string, range: NumberRange): number | undefined {
  if (!NUMERAL.test(text)) return undefined;
  const value = Number(text);
  if (value < range.min || value > range.max) return undefined;
  return Number.isInteger(range.step) && !Number.isInteger(value) ? undefined : value;
}

function number(range: NumberRange): Codec<number> {
  const kind = Number.isInteger(range.step) ? 'a whole number' : 'a number';
  return {
    expects: `${kind} from ${range.min} to ${range.max}`,
    read: (text) => readNumber(text, range),
    write: String,
  };
}

function numberOr<T>(range: NumberRange, word: string, meaning: T): Codec<number | T> {
  const inner = number(range);
  return {
    expects: `${inner.expects}, or “${word}”`,
    read: (text) => (text === word ? meaning : inner.read(text)),
    write: (value) => (typeof value === 'number' ? inner.write(value) : word),
  };
}

function oneOf<const T extends string>(...values: readonly T[]): Codec<T> {
  return {
    expects: `one of ${values.join(', ')}`,
    read: (text) => values.find((value) => value === text),
    write: (value) => value,
  };
}

const flag: Codec<boolean> = {
  expects: '0 or 1',
  read: (text) => (text === '1' ? true : text === '0' ? false : undefined),
  write: (value) => (value ? '1' : '0'),
};

const anyText: Codec<string> = { expects: 'any text', read: (text) => text, write: (text) => text };

const revision: Codec<string | null> = {
  expects: 'the name of a checkpoint',
  read: (text) => (/^[\w.-]{1,100}$/.test(text) ? text : undefined),
  write: (value) => value ?? '',
};

/** Of a folder that holds a converted model: the checkpoint's label and the precision, `allenai.OLMo-2-0425-1B@main.q4-32`. */
const storedModel: Codec<string | null> = {
  expects: 'the name of a model on the Checkpoints page',
  read: (text) => (/^[\w.@-]{1,200}$/.test(text) && !/^\.{1,2}$/.test(text) ? text : undefined),
  write: (value) => value ?? '',
};

const isDirection = (name: string): name is DirectionName => (DIRECTION_NAMES as readonly string[]).includes(name);

/** `general:1.5,violence:-0.5` */
const lambdas: Codec<Lambdas> = {
  expects: `pairs such as general:1.5,violence:-0.5, each from ${RANGES.lambda.min} to ${RANGES.lambda.max}`,
  read(text) {
    const found: Partial<Record<DirectionName, number>> = {};
    for (const pair of text.split(',')) {
      const [name = '', numeral = '', ...rest] = pair.split(':');
      const value = readNumber(numeral, RANGES.lambda);
      if (!isDirection(name) || value === undefined || rest.length > 0) return undefined;
      found[name] = value;
    }
    return withoutZeros(found);
  },
  write: (value) =>
    Object.entries(withoutZeros(value))
      .map(([name, lambda]) => `${name}:${lambda}`)
      .join(','),
};

interface Param<T> {
  readonly key: string;
  readonly codec: Codec<T>;
}

const TABLE: { readonly [K in keyof SteerParams]: Param<SteerParams[K]> } = {
  prompt: { key: 'prompt', codec: anyText },
  template: { key: 'template', codec: oneOf('chat', 'raw') },
  revision: { key: 'checkpoint', codec: revision },
  model: { key: 'model', codec: storedModel },
  provider: { key: 'provider', codec: oneOf('auto', 'webgpu', 'wasm') },
  lambdas: { key: 'lambda', codec: lambdas },
  layer: { key: 'layer', codec: numberOr(RANGES.layer, 'default', null) },
  positions: { key: 'positions', codec: oneOf('all', 'prompt', 'generated') },
  seed: { key: 'seed', codec: number(RANGES.seed) },
  temperature: { key: 'temperature', codec: number(RANGES.temperature) },
  topK: { key: 'top-k', codec: number(RANGES.topK) },
  topP: { key: 'top-p', codec: number(RANGES.topP) },
  repetitionPenalty: { key: 'repetition-penalty', codec: number(RANGES.repetitionPenalty) },
  maxTokens: { key: 'length', codec: number(RANGES.maxTokens) },
  pace: { key: 'pace', codec: numberOr(RANGES.pace, 'max', null) },
  colour: { key: 'colour', codec: oneOf(...DIRECTION_NAMES) },
  withoutPush: { key: 'without-push', codec: flag },
};

const NAMES = Object.keys(TABLE) as readonly (keyof SteerParams)[];
const RUN_KEY = 'run';

/** Reads `prompt=…&lambda=general:1`. Never fails: what cannot be read is in `problems`. */
export function readSteerQuery(query: string): SteerQuery {
  const given = new URLSearchParams(query);
  const problems: UrlProblem[] = [];
  const known = new Set<string>([RUN_KEY]);

  function read<T>(param: Param<T>, fallback: T): T {
    known.add(param.key);
    const text = given.get(param.key);
    if (text === null) return fallback;
    const value = param.codec.read(text);
    if (value === undefined) problems.push({ key: param.key, text, reason: `expected ${param.codec.expects}` });
    return value === undefined ? fallback : value;
  }
  function entry<K extends keyof SteerParams>(name: K): [K, SteerParams[K]] {
    return [name, read<SteerParams[K]>(TABLE[name], DEFAULT_PARAMS[name])];
  }

  const params = Object.fromEntries(NAMES.map(entry)) as unknown as SteerParams;
  const run = read({ key: RUN_KEY, codec: flag }, false);
  for (const [key, text] of given) {
    if (!known.has(key)) problems.push({ key, text, reason: 'this page has no such setting' });
  }
  return { params, run, problems };
}

/** The query that reads back as these choices; equal choices give equal text. */
export function writeSteerQuery(params: SteerParams): string {
  const written = new URLSearchParams();
  function add<T>({ key, codec }: Param<T>, value: T, fallback: T): void {
    const text = codec.write(value);
    if (text !== codec.write(fallback)) written.set(key, text);
  }
  for (const name of NAMES) {
    add<SteerParams[typeof name]>(TABLE[name] as Param<SteerParams[typeof name]>, params[name], DEFAULT_PARAMS[name]);
  }
  return written.toString();
}
