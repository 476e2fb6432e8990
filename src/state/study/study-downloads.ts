/** What a visitor takes away of a study, as files, and whether the rest stays. */
import type { StudyClient } from '../../rpc/clients.ts';
import type { StudyPlan } from '../../formats/study/study-plan.ts';
import type { StudyResults } from '../../formats/study/study-results.ts';
import type { StudySurroundings } from './study-types.ts';

export const resultsFile = async (client: StudyClient, results: StudyResults): Promise<File> =>
  fileOf(await client.exportResults(results), 'results.json', 'application/json');

export const directionsFile = async (client: StudyClient, plan: StudyPlan): Promise<File> =>
  fileOf(await client.exportDirections(plan), 'directions.safetensors', 'application/octet-stream');

const fileOf = (bytes: Uint8Array, name: string, type: string): File =>
  new File([bytes as Uint8Array<ArrayBuffer>], `harmscope-${name}`, { type });

/** Asks the browser to keep what is stored; what to say where it does not agree. */
export async function keepNote(browser: StudySurroundings): Promise<string> {
  const agreed = await browser.persist().catch(() => false);
  return agreed ? '' : 'The browser may delete saved data when space runs out: it did not grant persistent storage.';
}
