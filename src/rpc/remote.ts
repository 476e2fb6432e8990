/** Calls to an object in another thread: its type on this side, and how its errors arrive complete. */
import { proxy, transferHandlers, wrap, type Endpoint, type TransferHandler } from 'comlink';
import { fromWire, isWireError, toWire } from '../core/errors.ts';

/** The methods of `Lab` as another thread sees them: each returns a promise, which rejects only with `LabError`. */
export type Remote<Lab> = {
  readonly [Name in keyof Lab as Lab[Name] extends Method ? Name : never]: Lab[Name] extends (
    ...args: infer Args
  ) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : never;
};

type Method = (...args: never[]) => unknown;

interface Thrown {
  readonly value: unknown;
}

/**
 * Comlink clones only an error's name, message and stack. This replaces its handler for thrown values, in every thread that imports
 * this module, so that a `LabError` keeps its code and next step.
 */
const comlinkThrow = transferHandlers.get('throw');
if (comlinkThrow === undefined) throw new Error('Comlink has no handler for thrown values');
const throwHandler: TransferHandler<Thrown, unknown> = {
  canHandle: (value): value is Thrown => comlinkThrow.canHandle(value),
  serialize: ({ value }) => [toWire(value), []],
  deserialize: (wire) => {
    throw isWireError(wire) ? fromWire(wire) : toLabError(wire);
  },
};
transferHandlers.set('throw', throwHandler);

const toLabError = (value: unknown): Error => fromWire(toWire(value));

/** The object at the other end of `endpoint`. Functions passed as arguments are called back across threads. */
export function remoteAt<Lab>(endpoint: Endpoint): Remote<Lab> {
  const calls = wrap(endpoint) as unknown as Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;
  const methods = new Proxy(
    {},
    {
      get(_, name) {
        if (!isMethodName(name)) return undefined;
        return (...args: readonly unknown[]) =>
          calls[name]?.(...args.map((arg) => (typeof arg === 'function' ? proxy(arg) : arg)));
      },
    },
  );
  return methods as Remote<Lab>;
}

/** Whether a property is a method. A proxy with a `then` would be mistaken for a promise. */
export const isMethodName = (name: string | symbol): name is string => typeof name === 'string' && name !== 'then';
