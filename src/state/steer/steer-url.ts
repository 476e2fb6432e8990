/** The Steer page's choices as a query. */
import { DIRECTION_SETS } from '../../core/built-in-sets.ts';
import { DIRECTION_NAMES, type DirectionName } from '../../core/categories.ts';
import {
  anyText,
  flag,
  number,
  numberOr,
  oneOf,
  readNumber,
  readQuery,
  writeQuery,
  type Codec,
  type QueryTable,
  type UrlProblem,
} from '../page/query-table.ts';
import {
  DEFAULT_PARAMS,
  RANGES,
  withoutZeros,
  type Lambdas,
  type PlannedMove,
  type SteerParams,
} from './steer-params.ts';

export type { UrlProblem };

export interface SteerQuery {
  readonly params: SteerParams;
  readonly run: boolean; // answer at once, without a press
  readonly problems: readonly UrlProblem[];
}

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

const promptSet: Codec<string | null> = {
  expects: `${Object.keys(DIRECTION_SETS).join(', ')} or the id of a saved prompt set`,
  read: (text) => (/^(?:[0-9a-f]{12}|[a-z]{1,20})$/.test(text) ? text : undefined),
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

const POSITIONS = ['all', 'prompt', 'generated'] as const;

/** One move: `14@general:1.5,violence:-0.5,layer:3,positions:all`. What is not named is zero, or as at the beginning. */
function readMove(text: string): PlannedMove | undefined {
  const [numeral = '', parts = '', ...rest] = text.split('@');
  const index = readNumber(numeral, RANGES.moveIndex);
  if (index === undefined || rest.length > 0) return undefined;
  const pushed: string[] = [];
  let [layer, positions]: [number | null, PlannedMove['positions']] = [null, null];
  for (const part of parts === '' ? [] : parts.split(',')) {
    if (part.startsWith('layer:')) {
      layer = readNumber(part.slice('layer:'.length), RANGES.layer) ?? NaN;
      if (Number.isNaN(layer)) return undefined;
    } else if (part.startsWith('positions:')) {
      positions = POSITIONS.find((name) => part === `positions:${name}`) ?? null;
      if (positions === null) return undefined;
    } else pushed.push(part);
  }
  const found = pushed.length === 0 ? {} : lambdas.read(pushed.join(','));
  return found === undefined ? undefined : { index, lambdas: found, layer, positions };
}

function writeMove({ index, lambdas: pushed, layer, positions }: PlannedMove): string {
  const parts = [
    lambdas.write(pushed),
    layer === null ? '' : `layer:${layer}`,
    positions === null ? '' : `positions:${positions}`,
  ];
  return `${index}@${parts.filter((part) => part !== '').join(',')}`;
}

/** The moves of an answer, one after another. */
const moves: Codec<readonly PlannedMove[]> = {
  expects: 'moves in the order of their tokens, such as 14@general:1.5;20@general:2',
  read(text) {
    const found = text === '' ? [] : text.split(';', RANGES.moveIndex.max + 1).map(readMove);
    const read = found.filter((move) => move !== undefined);
    const isOrdered = read.every(({ index }, at) => at === 0 || index > (read[at - 1]?.index ?? 0));
    return read.length === found.length && isOrdered ? read : undefined;
  },
  write: (value) => value.map(writeMove).join(';'),
};

const TABLE: QueryTable<SteerParams> = {
  prompt: { key: 'prompt', codec: anyText },
  template: { key: 'template', codec: oneOf('chat', 'raw') },
  revision: { key: 'checkpoint', codec: revision },
  model: { key: 'model', codec: storedModel },
  provider: { key: 'provider', codec: oneOf('auto', 'webgpu', 'wasm') },
  lambdas: { key: 'lambda', codec: lambdas },
  layer: { key: 'layer', codec: numberOr(RANGES.layer, 'default', null) },
  positions: { key: 'positions', codec: oneOf(...POSITIONS) },
  directionSet: { key: 'set', codec: promptSet },
  directionPrompts: { key: 'prompts', codec: numberOr(RANGES.directionPrompts, 'newest', null) },
  moves: { key: 'moves', codec: moves },
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

const RUN_KEY = 'run';

/** Reads `prompt=…&lambda=general:1`. Never fails: what cannot be read is in `problems`. */
export function readSteerQuery(query: string): SteerQuery {
  const { params, problems } = readQuery(query, TABLE, DEFAULT_PARAMS, [RUN_KEY]);
  const run = new URLSearchParams(query).get(RUN_KEY) ?? '0';
  const isReadable = flag.read(run) !== undefined;
  const unread = { key: RUN_KEY, text: run, reason: `expected ${flag.expects}` };
  return { params, run: flag.read(run) ?? false, problems: isReadable ? problems : [...problems, unread] };
}

/** The query that reads back as these choices; equal choices give equal text. */
export function writeSteerQuery(params: SteerParams): string {
  return writeQuery(params, TABLE, DEFAULT_PARAMS);
}
