/** What parts of the pages on results ask of whoever shows them: imported results may be at fault where one cannot be drawn. */
import { createContext } from 'svelte';

export interface Imported {
  /** Puts the imported results away; null where what is shown was measured in this browser. */
  readonly discard: (() => void) | null;
  /** Something could not be drawn. */
  readonly onfail: () => void;
}

export const [useImported, provideImported] = createContext<Imported>();
