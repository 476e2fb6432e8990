import { readJson, type CheckpointFiles } from '../checkpoint/checkpoint-files.ts';

/** The ids that end an answer: `eos_token_id` of generation_config.json, else of config.json; one id or several. */
export async function readStopTokens(files: CheckpointFiles): Promise<ReadonlySet<number>> {
  const generation = (await readJson(files, 'generation_config.json'))?.['eos_token_id'];
  const ids = generation ?? (await readJson(files, 'config.json'))?.['eos_token_id'];
  return new Set([ids].flat().filter((id): id is number => Number.isInteger(id)));
}
