/** How a command-line verb is described, parsed and run. */
import { shown, shownMessage } from '../src/core/text/quote.ts';
import { parseArgs } from 'node:util';

const USAGE_LENGTH = 600; // maximum characters of a message, which may repeat long arguments

/** A mistake in the arguments; reported on one line, with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super(shownMessage(message, USAGE_LENGTH));
  }
}

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly value?: string; // placeholder for the value in the help
  readonly help: string;
  readonly required?: boolean;
  readonly default?: string;
}

export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  run(options: Options): Promise<void>;
}

/** The parsed options of a verb. Every getter throws a `UsageError` that names the option. */
export class Options {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string {
    const value = this.#values[name];
    if (typeof value !== 'string') throw new UsageError(`--${name} is missing`);
    return value;
  }

  number(name: string): number {
    const text = this.text(name);
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value))
      throw new UsageError(`--${name} must be a number, not "${shown(text)}"`);
    return value;
  }

  count(name: string): number {
    const value = this.number(name);
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new UsageError(`--${name} must be a whole number, 0 or more, not "${shown(this.text(name))}"`);
    }
    return value;
  }

  oneOf<T extends string>(name: string, known: readonly T[]): T {
    const text = this.text(name);
    const value = known.find((entry) => entry === text);
    if (value === undefined) throw new UsageError(`--${name} must be one of ${known.join(', ')}, not "${shown(text)}"`);
    return value;
  }
}

type ParsedOptions = Record<string, { type: 'string' | 'boolean'; default?: string }>;

const ECHOED = 60; // maximum characters repeated from the command line

/** Rejects a missing value, and one that starts with a hyphen: parseArgs would read it as an option. */
function checkValues(verb: Verb, args: readonly string[]): void {
  for (const [index, arg] of args.entries()) {
    const name = arg.startsWith('--') ? arg.slice(2) : '';
    if (!Object.hasOwn(verb.options, name) || verb.options[name]?.type !== 'string') continue;
    const value = args[index + 1];
    const isOption = value !== undefined && (value === '--' || Object.hasOwn(verb.options, value.replace(/^--/, '').replace(/=.*/s, ''))); // prettier-ignore
    if (value === undefined || (value.startsWith('-') && isOption)) throw new UsageError(`--${name} has no value`);
    if (!value.startsWith('-') || value === '-') continue;
    throw new UsageError(
      `--${name} has no value; if the value starts with a hyphen, write --${name}="${shown(value, ECHOED)}"`,
    );
  }
}

/**
 * Parses `args` against the verb's options.
 * @throws UsageError for an unknown, missing or malformed option
 */
export function parseOptions(verb: Verb, args: readonly string[]): Options {
  const options: ParsedOptions = Object.fromEntries(
    Object.entries(verb.options).map(([name, { type, default: preset }]) => [
      name,
      preset === undefined ? { type } : { type, default: preset },
    ]),
  );
  const joined = joinNegatives(args);
  checkValues(verb, joined);
  let values: Record<string, unknown>;
  try {
    ({ values } = parseArgs({ args: joined, options, strict: true, allowPositionals: false }));
  } catch (error) {
    const isAlone = (error as NodeJS.ErrnoException).code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL';
    const alone = isAlone ? positionalOf(joined, options) : null;
    if (alone !== null) throw unexpectedArgument(verb, joined, alone);
    const [firstLine = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new UsageError(firstLine);
  }
  for (const [name, { required }] of Object.entries(verb.options)) {
    if (required === true && values[name] === undefined) throw new UsageError(`--${name} is missing`);
  }
  return new Options(values);
}

/** The first argument that does not belong to an option. */
function positionalOf(args: readonly string[], options: ParsedOptions): string | null {
  const { positionals } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true });
  return positionals[0] ?? null;
}

/** People write `lab prompts import mine.csv`: suggests the first required option that is missing. */
function unexpectedArgument(verb: Verb, args: readonly string[], alone: string): UsageError {
  const isGiven = (name: string): boolean => args.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
  const missing = Object.entries(verb.options).find(([name, { type, required }]) => type === 'string' && required === true && !isGiven(name)); // prettier-ignore
  const value = /\s/.test(alone) ? `'${shown(alone, ECHOED)}'` : shown(alone, ECHOED);
  const nextStep = missing === undefined ? 'give each value with its option, as in --name VALUE' : `write --${missing[0]} ${value}`; // prettier-ignore
  return new UsageError(`unexpected argument ${value}: ${nextStep}`);
}

/** People write `--lambda -1`, but parseArgs wants `--lambda=-1`. */
function joinNegatives(args: readonly string[]): string[] {
  return args.reduce<string[]>((joined, arg) => {
    const previous = joined.at(-1);
    const isValue = /^-\d|^-\.\d/.test(arg) && previous?.startsWith('--') === true && !previous.includes('=');
    if (isValue) joined[joined.length - 1] = `${previous}=${arg}`;
    else joined.push(arg);
    return joined;
  }, []);
}

const HELP_COLUMN = 30; // where the explanations start

/** The help text of one verb. */
export function helpOf(verb: Verb): string {
  const rows = Object.entries(verb.options).map(([name, { value, help, required, default: preset }]) => {
    const left = `--${name}${value === undefined ? '' : ` ${value}`}`;
    const notes = [required === true ? 'required' : null, preset === undefined ? null : `default ${preset}`];
    const note = notes.filter((part) => part !== null).join(', ');
    const option = left.length < HELP_COLUMN ? left.padEnd(HELP_COLUMN) : `${left}\n${' '.repeat(2 + HELP_COLUMN)}`;
    return `  ${option}${help}${note === '' ? '' : ` (${note})`}`;
  });
  return [`lab ${verb.name}: ${verb.summary}`, '', ...rows, `  ${'--help'.padEnd(HELP_COLUMN)}show this help`].join(
    '\n',
  );
}
