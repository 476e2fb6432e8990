import type { Extraction } from '../../../state/extraction/extraction.svelte.ts';
import type { ExtractionForm } from '../../../state/extraction/extraction-form.svelte.ts';

/** What every place that offers an extraction needs. */
export interface Extracting {
  readonly extraction: Extraction;
  readonly form: ExtractionForm;
  readonly access: Parameters<ExtractionForm['makePlan']>[1];
  readonly host: string; // of the Hub that is asked
}
