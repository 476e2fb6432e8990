import { HARM_CATEGORIES, type HarmCategory } from '../core/categories.ts';
import { asLabError, LabError } from '../core/errors.ts';

export type ExampleCategory = HarmCategory | 'safe';

export interface ExampleGroup {
  readonly category: ExampleCategory;
  readonly prompts: readonly string[];
}

/** The example prompts, read once. */
export class Examples {
  readonly #address: URL;
  readonly #get: (address: URL) => Promise<Response>;
  #groups = $state.raw<readonly ExampleGroup[]>([]);
  #error = $state.raw<LabError | null>(null);

  constructor(address: URL, get: (address: URL) => Promise<Response>) {
    this.#address = address;
    this.#get = get;
  }

  get groups(): readonly ExampleGroup[] {
    return this.#groups;
  }
  get error(): LabError | null {
    return this.#error;
  }

  async load(): Promise<void> {
    try {
      this.#groups = await fetchExamples(this.#address, this.#get);
      this.#error = null;
    } catch (error) {
      this.#error = asLabError(error);
    }
  }
}

const CATEGORIES: readonly ExampleCategory[] = ['safe', ...HARM_CATEGORIES];
const NEXT_STEP = 'Type a prompt of your own, or reload the page.';

/** Reads `prompts/examples.json`: for each category a list of prompts. Errors: `fetch`, `format`. */
export async function fetchExamples(
  address: URL,
  get: (address: URL) => Promise<Response>,
): Promise<readonly ExampleGroup[]> {
  let response;
  try {
    response = await get(address);
  } catch (cause) {
    throw new LabError('fetch', `The examples could not be read from ${address.pathname}.`, NEXT_STEP, { cause });
  }
  if (!response.ok) {
    throw new LabError('fetch', `The server answered ${response.status} for ${address.pathname}.`, NEXT_STEP);
  }
  const text = await response.text();
  try {
    return readExamples(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof LabError) throw cause;
    throw new LabError('format', 'examples.json is not JSON.', NEXT_STEP, { cause });
  }
}

/** Checks what the file holds; categories without prompts are left out. */
export function readExamples(file: unknown): readonly ExampleGroup[] {
  if (typeof file !== 'object' || file === null) throw new LabError('format', 'examples.json is no object.', NEXT_STEP);
  const lists = file as Readonly<Record<string, unknown>>;
  return CATEGORIES.flatMap((category) => {
    const prompts = lists[category];
    if (prompts === undefined) return [];
    if (!Array.isArray(prompts) || !prompts.every((prompt): prompt is string => typeof prompt === 'string')) {
      throw new LabError('format', `examples.json: “${category}” is not a list of texts.`, NEXT_STEP);
    }
    return prompts.length === 0 ? [] : [{ category, prompts }];
  });
}
