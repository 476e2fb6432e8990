/** Signals between a worker and its watchdog, separate from Comlink's calls. */
import type { Activity } from '../core/activity.ts';

export type ThreadSignal =
  | { readonly harmscope: 'ping' } // sent to the worker, which answers between two tasks
  | { readonly harmscope: 'pong' }
  | { readonly harmscope: 'alive' } // its script is running
  | { readonly harmscope: 'lock'; readonly name: string } // a lock that it holds as long as it lives
  | { readonly harmscope: 'activity'; readonly activity: Activity | null };

/** The signal in a message; null if the message belongs to Comlink. */
export function signalOf(data: unknown): ThreadSignal | null {
  return typeof data === 'object' && data !== null && 'harmscope' in data ? (data as ThreadSignal) : null;
}
