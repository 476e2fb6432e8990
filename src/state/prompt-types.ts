/** What views know of the prompts worker's data. */
export type { CategoryRule, RowFilter } from '../formats/prompt-recipe.ts';
export type { HubAccess } from '../study/library-messages.ts';
export type { Label } from '../formats/prompt-set.ts';
export type { LayoutChoice, Separator } from '../formats/table-layout.ts';
export type { PromptMapping } from '../formats/prompt-mapping.ts';
export type { PublishedOutline, TableSample } from '../study/prompt-messages.ts';
export type { TallyRow } from '../formats/prompt-tally.ts';
