/** What views know of the prompts worker's data. */
export type { CategoryRule, RowFilter } from '../../formats/prompts/prompt-recipe.ts';
export type { HubAccess } from '../../labs/models/models-messages.ts';
export type { LayoutChoice } from '../../formats/tables/guess-table-layout.ts';
export type { PromptMapping } from '../../formats/prompts/prompt-mapping.ts';
export type { PublishedOutline, TableSample } from '../../labs/prompts/prompt-messages.ts';
export type { TallyRow } from '../../formats/prompts/prompt-tally.ts';
