import type { LabError } from '../../core/errors.ts';
import type { Progress } from '../../labs/steer/steer-messages.ts';

/** Anything that takes time: one union, so that no two of its states can hold at once. */
export type Async<T> =
  | { readonly kind: 'idle' }
  | { readonly kind: 'loading'; readonly progress: Progress | null }
  | { readonly kind: 'ready'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: LabError };

export const IDLE = { kind: 'idle' } as const;
export const STARTING = { kind: 'loading', progress: null } as const;

export function ready<T>(value: T): Async<T> {
  return { kind: 'ready', value };
}

/** The value when it is there. */
export function valueOf<T>(state: Async<T>): T | null {
  return state.kind === 'ready' ? state.value : null;
}
