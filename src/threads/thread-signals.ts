/** What a worker and whoever watches over it tell each other, beside the calls that Comlink carries. */
import type { Activity } from '../core/activity.ts';

export type ThreadSignal =
  | { readonly harmscope: 'ping' } // to the worker, which answers between two tasks
  | { readonly harmscope: 'pong' }
  | { readonly harmscope: 'alive' } // its script runs
  | { readonly harmscope: 'lock'; readonly name: string } // a lock that it holds for as long as it lives
  | { readonly harmscope: 'activity'; readonly activity: Activity | null };

/** The signal in a message; null where the message is a call or an answer of Comlink's. */
export function signalOf(data: unknown): ThreadSignal | null {
  return typeof data === 'object' && data !== null && 'harmscope' in data ? (data as ThreadSignal) : null;
}
