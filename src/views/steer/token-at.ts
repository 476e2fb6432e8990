import type { AnswerRow } from '../../state/steer/transcript.svelte.ts';

/** A token that is pointed at or focused, and where it stands on the page. */
export interface TokenAt {
  readonly row: AnswerRow;
  readonly index: number;
  readonly element: HTMLElement;
  readonly by: 'pointer' | 'focus';
}
