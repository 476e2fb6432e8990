/** What views know of the prompts worker's data. */
export type {
  CategoryRule,
  HubAccess,
  Label,
  LayoutChoice,
  PromptMapping,
  Separator,
  PublishedOutline,
  RowFilter,
  TableSample,
  TallyRow,
} from '../../workers/prompts-api.ts';
