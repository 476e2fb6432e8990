import { HARM_CATEGORIES, type HarmCategory } from '../../core/categories.ts';
import { asLabError, LabError } from '../../core/errors.ts';

export type ExampleCategory = HarmCategory | 'safe';

export interface ExampleGroup {
  readonly category: ExampleCategory;
  readonly name: string; // for people
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

/** Reads `prompts/examples.json`: prompts to start from, by category. Errors: `fetch`, `format`. */
async function fetchExamples(address: URL, get: (address: URL) => Promise<Response>): Promise<readonly ExampleGroup[]> {
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

/** Checks what the file holds: `{ version: 1, groups: [{ category, name, prompts }] }`. Errors: `format`. */
export function readExamples(file: unknown): readonly ExampleGroup[] {
  const { version, groups } = asRecord(file);
  if (version !== 1 || !Array.isArray(groups)) {
    throw new LabError('format', 'examples.json is not a list of version 1.', NEXT_STEP);
  }
  return groups.map((group: unknown, at): ExampleGroup => {
    const { category, name, prompts } = asRecord(group);
    const known = CATEGORIES.find((each) => each === category);
    const texts = Array.isArray(prompts) && prompts.every((prompt) => typeof prompt === 'string') ? prompts : [];
    if (known === undefined || typeof name !== 'string' || texts.length === 0) {
      throw new LabError('format', `examples.json: group ${at + 1} has no category, name and prompts.`, NEXT_STEP);
    }
    return { category: known, name, prompts: texts };
  });
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
