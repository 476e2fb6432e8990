/** The prompt sets that directions can be made from, as a list to choose from. */
import { isolated } from '../../core/text/visible-text.ts';
import { DIRECTION_SETS, isBuiltInSet, type BuiltInDirectionSet } from '../../core/built-in-sets.ts';
import type { SetOutline } from '../prompts/prompt-sets.svelte.ts';

interface OptionGroup {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

/** What stands for the model's own set. */
export const AUTOMATIC = '';

const SHOWN_NAME = 40; // characters of a name

/** `chosen`: the set of the link or the visitor, which need not be known here; `automatic`: the set for the open model. */
export function setOptions(
  own: readonly SetOutline[],
  chosen: string | null,
  automatic: BuiltInDirectionSet | null,
): OptionGroup[] {
  const builtIn = Object.entries(DIRECTION_SETS).map(([value, { name }]) => ({ value, label: name }));
  const saved = own.flatMap(({ ref, name }) =>
    ref.kind === 'own' ? [{ value: ref.id, label: isolated(name, SHOWN_NAME) }] : [],
  );
  const isKnown = chosen === null || isBuiltInSet(chosen) || saved.some(({ value }) => value === chosen);
  const name = automatic === null ? '' : `: ${DIRECTION_SETS[automatic].name}`;
  return [
    { label: '', options: [{ value: AUTOMATIC, label: `Automatic${name}` }] },
    { label: 'Built in', options: builtIn },
    ...(saved.length === 0 && isKnown
      ? []
      : [{ label: 'Saved in this browser', options: isKnown ? saved : [...saved, { value: chosen, label: chosen }] }]),
  ];
}
