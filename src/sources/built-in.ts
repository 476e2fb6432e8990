/** The ladders and prompt sets that ship with Harmscope, under `public/`. */
import type { CheckpointFiles } from '../engine/checkpoint/checkpoint-files.ts';
import { LabError } from '../core/errors.ts';
import type { ByteSource } from '../formats/bytes/byte-source.ts';
import { isLadderId, isPromptFile } from '../formats/ladders/built-in-names.ts';
import { decodeUtf8, parseJsonObject } from '../formats/bytes/json.ts';
import { fetchSource, fetchWhole, sha256, type Fetch } from './http-source.ts';
import { JsonFields } from '../formats/bytes/json-fields.ts';
import { parsePromptRecipe, type PromptRecipe } from '../formats/prompts/prompt-recipe.ts';
import { parsePromptSet, type Prompt } from '../formats/prompts/prompt-set.ts';
import { parseHubLadder, type HubLadder } from '../formats/ladders/hub-ladder.ts';
import { parseLadder, type Ladder, type LadderCheckpoint } from '../formats/ladders/ladder.ts';

export interface BuiltIn {
  readonly fetch: Fetch;
  readonly baseUrl: string; // URL of `public/`, with a trailing slash
}

export async function fetchLadder({ fetch, baseUrl }: BuiltIn, id: string): Promise<Ladder> {
  if (!isLadderId(id))
    throw new LabError('bad-request', `“${id}” is not the name of a ladder.`, 'The built-in ladder is tiny-olmo3.');
  const name = `ladders/${id}/ladder.json`;
  const bytes = await fetchWhole(baseUrl + name, name, { fetch });
  return parseLadder(parseJsonObject(name, decodeUtf8(name, bytes)), name);
}

/** The known Hub ladders: lists of names and rules, without weights. */
const HUB_LADDERS = ['olmo-3-7b', 'olmo-2-1b', 'olmo-2-7b'] as const;

export function fetchHubLadders({ fetch, baseUrl }: BuiltIn): Promise<HubLadder[]> {
  const read = async (id: string): Promise<HubLadder> => {
    const name = `ladders/${id}.json`;
    return parseHubLadder(decodeUtf8(name, await fetchWhole(baseUrl + name, name, { fetch })), name);
  };
  return Promise.all(HUB_LADDERS.map(read));
}

/** The files of a checkpoint of a built-in ladder, each fetched once and verified against ladder.json. */
export function builtInFiles(
  { fetch, baseUrl }: BuiltIn,
  ladder: Ladder,
  checkpoint: LadderCheckpoint,
  options: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: number, total: number, file: string) => void;
  } = {},
): CheckpointFiles {
  const fetched = new Map<string, Promise<ByteSource>>();
  const total = Object.values(checkpoint.files).reduce((sum, { bytes }) => sum + bytes, 0);
  const done = new Map<string, number>();
  const download = (file: string, digest: string): Promise<ByteSource> => {
    const name = `${ladder.id}@${checkpoint.revision}/${file}`;
    return fetchSource(`${baseUrl}ladders/${ladder.id}/${checkpoint.path}/${file}`, name, {
      fetch,
      sha256: digest,
      ...(options.signal && { signal: options.signal }),
      onProgress: (bytes) => {
        done.set(file, bytes);
        options.onProgress?.(
          [...done.values()].reduce((sum, part) => sum + part, 0),
          total,
          file,
        );
      },
    });
  };
  return {
    label: `${ladder.id}@${checkpoint.revision}`,
    sha256Of: (file) => checkpoint.files[file]?.sha256 ?? null,
    open: (file) => {
      const listed = checkpoint.files[file];
      if (listed === undefined) return Promise.resolve(null);
      const source = fetched.get(file) ?? download(file, listed.sha256);
      fetched.set(file, source);
      source.catch(() => fetched.delete(file));
      return source;
    },
  };
}

/**
 * The bytes of a built-in prompt set's file.
 * @throws LabError `not-found`, when there is no such file
 */
export async function fetchPromptFile({ fetch, baseUrl }: BuiltIn, file: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!isPromptFile(file)) {
    throw new LabError('not-found', `There is no built-in prompt set “${file}”.`, 'Choose one from the list.');
  }
  return fetchWhole(`${baseUrl}prompts/${file}`, `prompts/${file}`, { fetch });
}

export interface BuiltInPromptSets {
  readonly train: readonly Prompt[];
  readonly test: readonly Prompt[];
  readonly digest: string; // SHA-256 over the digests of the files
}

/**
 * A prompt set under `public/prompts`.
 * @throws LabError `bad-request`, when there is no such file
 */
export async function fetchPromptSet({ fetch, baseUrl }: BuiltIn, file: string): Promise<Prompt[]> {
  if (!isPromptFile(file)) {
    throw new LabError('bad-request', `“${file}” is not a built-in prompt set.`, 'The Prompts page lists them.');
  }
  const name = `prompts/${file}`;
  return parsePromptSet(name, decodeUtf8(name, await fetchWhole(baseUrl + name, name, { fetch })));
}

/** The prompts that directions are computed from, and the held-out prompts that they are tested on. */
export async function fetchPromptSets(
  { fetch, baseUrl }: BuiltIn,
  files: { readonly train: string; readonly test: string },
  signal?: AbortSignal,
): Promise<BuiltInPromptSets> {
  const load = async (file: string): Promise<{ prompts: Prompt[]; digest: string }> => {
    const name = `prompts/${file}`;
    const bytes = await fetchWhole(baseUrl + name, name, { fetch, ...(signal && { signal }) });
    return { prompts: parsePromptSet(name, decodeUtf8(name, bytes)), digest: await sha256(bytes) };
  };
  const [train, test] = await Promise.all([load(files.train), load(files.test)]);
  const digest = await sha256(new TextEncoder().encode(train.digest + test.digest));
  return { train: train.prompts, test: test.prompts, digest };
}

/** The files of the built-in prompt sets, as listed in prompts.json. */
export async function builtInPromptFiles({ fetch, baseUrl }: BuiltIn): Promise<readonly string[]> {
  const name = 'prompts/prompts.json';
  const index = decodeUtf8(name, await fetchWhole(baseUrl + name, name, { fetch }));
  const fail = (problem: string): LabError => new LabError('format', `${name}: ${problem}.`, 'Reload the page.');
  return new JsonFields(parseJsonObject(name, index), fail).objects('files').map((entry) => entry.text('file'));
}

/** The known published prompt sets: recipes, without prompts. */
export const RECIPES = [
  'beavertails',
  'beavertails-evaluation',
  'alpaca',
  'advbench',
  'harmbench',
  'malicious-instruct',
  'xstest',
  'geometry-of-truth',
] as const;

export function fetchRecipes({ fetch, baseUrl }: BuiltIn): Promise<PromptRecipe[]> {
  const read = async (id: string): Promise<PromptRecipe> => {
    const name = `prompts/hub/${id}.json`;
    return parsePromptRecipe(decodeUtf8(name, await fetchWhole(baseUrl + name, name, { fetch })), name);
  };
  return Promise.all(RECIPES.map(read));
}
