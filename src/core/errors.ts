/**
 * What went wrong, in a form that can be shown, tested and sent between threads. The message says what happened and
 * names the thing (file, tensor, option, row); `nextStep` says what the reader can do about it. What they quote from a file, a name or an
 * answer goes through `shown` where the message is made; the constructor holds back what slipped past.
 */
import { shownMessage } from './text/quote.ts';

const MESSAGE_LENGTH = 600; // characters: some lines, whatever a message repeats

const ERROR_CODES = [
  'format', // bytes that are not what they claim to be
  'config', // a checkpoint of a shape or family that the lab cannot run
  'fetch', // bytes that could not be had
  'not-found', // a name that nothing answers to
  'context-length', // more tokens than the model has positions
  'bad-request', // an argument out of its range
  'interrupted', // stopped on purpose
  'device', // the GPU, WASM or memory refused
  'storage', // OPFS or IndexedDB refused
  'internal', // a bug of the lab
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** A `LabError` as plain data, since structured clone keeps only name, message and stack of an error. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string; // what happened, naming the thing
  readonly nextStep: string; // what the user can do
}

export class LabError extends Error {
  override readonly name = 'LabError';
  readonly code: ErrorCode;
  readonly nextStep: string;

  constructor(code: ErrorCode, message: string, nextStep: string, options?: { readonly cause?: unknown }) {
    super(shownMessage(message, MESSAGE_LENGTH), options);
    this.code = code;
    this.nextStep = shownMessage(nextStep, MESSAGE_LENGTH);
  }
}

const REPORT_IT = 'This is a bug in the lab: reload, and report it with this message if it comes back.';

/** How Chromium, Firefox and Safari say that code or a file was not to be had, and Vite that a style sheet was not. */
const UNFETCHED =
  /dynamically imported module|Importing a module script failed|Unable to preload CSS|^(Failed to fetch|Load failed|NetworkError when)/;

const COME_BACK =
  'Try again when you are back online; nothing in this session is lost. If the lab has been updated in the meantime, reload the page.';

/** The error as a `LabError`: itself, a part of the lab that was not to be had, or an `internal` one that keeps the original as its cause. */
export function asLabError(error: unknown): LabError {
  if (error instanceof LabError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (UNFETCHED.test(message)) {
    const happened = 'Part of the lab could not be loaded: there is no network, or the server is not responding.';
    return new LabError('fetch', happened, COME_BACK, { cause: error });
  }
  return new LabError('internal', message === '' ? 'an error without a message' : message, REPORT_IT, { cause: error });
}

/** Plain data for whatever was thrown; an error that is not a `LabError` travels as `internal`. */
export function toWire(error: unknown): WireError {
  const { code, message, nextStep } = asLabError(error);
  return { code, message, nextStep };
}

/** Revives what `toWire` made. A code that this build does not know becomes `internal`. */
export function fromWire(wire: WireError): LabError {
  const code = ERROR_CODES.includes(wire.code) ? wire.code : 'internal';
  return new LabError(code, wire.message, wire.nextStep, { cause: wire });
}

/** Whether something received from another thread is a `WireError`. */
export function isWireError(value: unknown): value is WireError {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message, nextStep } = value as Record<string, unknown>;
  return typeof code === 'string' && typeof message === 'string' && typeof nextStep === 'string';
}
