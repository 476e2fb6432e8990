/** The worker's end of the wire. */
import { expose, type Endpoint } from 'comlink';
import { enterActivity, tellActivities } from '../core/activity.ts';
import { LabError } from '../core/errors.ts';
import { signalOf, type ThreadSignal } from '../threads/thread-signals.ts';
import './remote.ts'; // so that errors arrive complete

type Call = (...args: unknown[]) => unknown;

/** A worker's global scope. */
interface WorkerScope extends Endpoint {
  postMessage(message: unknown): void;
}

/**
 * Serves all methods of `labs` to the thread that started this worker, and answers its watchdog. Two labs must not have a method of the
 * same name.
 */
export function serve(...labs: readonly object[]): void {
  const scope = globalThis as unknown as WorkerScope;
  exposeMethods(labs, scope);
  const signal = (message: ThreadSignal): void => scope.postMessage(message);
  scope.addEventListener('message', (event) => {
    if (signalOf((event as MessageEvent<unknown>).data)?.harmscope === 'ping') signal({ harmscope: 'pong' });
  });
  tellActivities((activity) => signal({ harmscope: 'activity', activity }));
  signal({ harmscope: 'alive' });
  const { locks } = navigator as { readonly locks?: LockManager }; // absent in an insecure context
  const name = `harmscope-thread-${Math.random()}-${Date.now()}`;
  void locks?.request(name, () => {
    signal({ harmscope: 'lock', name });
    return new Promise<never>(() => undefined); // held until this worker ends, for whatever reason
  });
}

/** Serves the methods of `labs` at `endpoint`, without a watchdog. */
export function exposeMethods(labs: readonly object[], endpoint: Endpoint): void {
  const methods = new Proxy({}, { get: (_, name) => methodOf(labs, String(name)) });
  expose(methods, endpoint);
}

function methodOf(labs: readonly object[], name: string): Call {
  return async (...args) => {
    const lab = labs.find((candidate) => typeof Reflect.get(candidate, name) === 'function');
    if (lab === undefined) throw new LabError('internal', `This worker has no method ${name}.`, 'Reload the page.');
    try {
      return await (Reflect.get(lab, name) as Call).apply(lab, args);
    } finally {
      enterActivity(null);
    }
  };
}
