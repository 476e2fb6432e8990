import type { ShownToken } from '../../state/transcript.svelte.ts';

/** A token that is pointed at or focused, and where it stands on the page. */
export interface TokenAt {
  readonly token: ShownToken;
  readonly element: HTMLElement;
  readonly by: 'pointer' | 'focus';
}
