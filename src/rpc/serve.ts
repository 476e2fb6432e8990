/** The worker's end of the wire. */
import { expose, type Endpoint } from 'comlink';
import { enterActivity, tellActivities } from '../core/activity.ts';
import { LabError } from '../core/errors.ts';
import { signalOf, type ThreadSignal } from '../threads/thread-signals.ts';
import './remote.ts'; // errors travel whole

type Call = (...args: unknown[]) => unknown;

/** What a worker runs on: its own global scope. */
interface WorkerScope extends Endpoint {
  postMessage(message: unknown): void;
}

/**
 * Offers all methods of `labs` to whoever started this worker, and shows the watchdog that the worker lives. Two labs may not
 * have a method of the same name.
 */
export function serve(...labs: readonly object[]): void {
  const scope = globalThis as unknown as WorkerScope;
  exposeMethods(labs, scope);
  const tell = (signal: ThreadSignal): void => scope.postMessage(signal);
  scope.addEventListener('message', (event) => {
    if (signalOf((event as MessageEvent<unknown>).data)?.harmscope === 'ping') tell({ harmscope: 'pong' });
  });
  tellActivities((activity) => tell({ harmscope: 'activity', activity }));
  tell({ harmscope: 'alive' });
  const { locks } = navigator as { readonly locks?: LockManager }; // absent where a page is not secure
  const name = `harmscope-thread-${Math.random()}-${Date.now()}`;
  void locks?.request(name, () => {
    tell({ harmscope: 'lock', name });
    return new Promise<never>(() => undefined); // held until this worker is no more, however it ends
  });
}

/** The methods of `labs` at `endpoint`, for a thread that nobody watches. */
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
