import { extractResiduals } from '../../../src/engine/run/residuals.ts';
import { OlmoModel } from '../../../src/engine/run/model.ts';
import type { Runtime } from '../../../src/engine/device/runtime.ts';
import { toWire, type WireError } from '../../../src/core/errors.ts';
import { streamOf } from '../../../src/formats/bytes/byte-source.ts';
import { parsePromptRecipe } from '../../../src/formats/prompts/prompt-recipe.ts';
import { openHubCheckpoint, type HubFile } from '../../../src/sources/hub/hub-repo.ts';
import type { WaitNotice } from '../../../src/sources/hub/retries.ts';
import { listRefs, type HubRef } from '../../../src/sources/hub/refs.ts';
import { openPublishedFiles } from '../../../src/sources/hub/prompt-sets.ts';
import { sha256 } from '../../../src/sources/http-source.ts';
import { readPublishedPromptSet, type PublishedPromptSet } from '../../../src/labs/prompts/published-prompt-set.ts';

export interface HubTarget {
  readonly hubUrl: string;
  readonly repo: string;
  readonly revision: string;
  readonly accessToken?: string;
}

/** A test waits milliseconds where a reader would wait minutes. */
const LIMITS = {
  attempts: 4,
  firstDelayMs: 5,
  maxDelayMs: 20,
  rateLimitMs: 10,
  maxServerDelayMs: 5000,
  stallMs: 2000,
};

const options = (target: HubTarget, notices: WaitNotice[] = []): Parameters<typeof openHubCheckpoint>[0] => ({
  ...target,
  fetch: globalThis.fetch.bind(globalThis),
  limits: LIMITS,
  onWait: (notice) => notices.push(notice),
});

/** What the tests of the Hub call in the worker. */
export const hubReads = {
  hubFiles: async (target: HubTarget): Promise<readonly HubFile[]> => (await openHubCheckpoint(options(target))).files,

  hubRefs: (target: HubTarget): Promise<HubRef[]> => listRefs(options(target)),

  /** SHA-256 of a range of a file, read in one slice and as a stream, and what there was to wait for. */
  async hubDigest(
    target: HubTarget,
    file: string,
    start: number,
    end: number,
  ): Promise<{ digest: string; streamed: string; notices: readonly WaitNotice[] }> {
    const notices: WaitNotice[] = [];
    const source = await (await openHubCheckpoint(options(target, notices))).open(file);
    if (source === null) throw new Error(`no ${file}`);
    const bytes = (await source.slice(start, end)) as Uint8Array<ArrayBuffer>;
    const chunks: BlobPart[] = [];
    for await (const chunk of streamOf(source, start, end)) chunks.push(chunk as Uint8Array<ArrayBuffer>);
    const streamed = await sha256(new Uint8Array(await new Blob(chunks).arrayBuffer()));
    return { digest: await sha256(bytes), streamed, notices };
  },

  /** A prompt set through its recipe, given as JSON. */
  async hubPrompts(target: HubTarget, recipeJson: string): Promise<PublishedPromptSet> {
    const recipe = parsePromptRecipe(recipeJson, 'recipe.json');
    return readPublishedPromptSet(recipe, await openPublishedFiles(recipe, options(target)), { seed: 0 });
  },

  /** The error that reading a file ends in, as it would reach the page; null where it does not. */
  async hubError(target: HubTarget, file: string): Promise<WireError | null> {
    try {
      const source = await (await openHubCheckpoint(options(target))).open(file);
      await source?.slice(0, source.byteLength);
      return null;
    } catch (error) {
      return toWire(error);
    }
  },
};

/** `resid_post` of every layer after the last token of a prompt: layer → [hidden]. */
export async function hubResiduals(runtime: Runtime, target: HubTarget, ids: readonly number[]): Promise<number[][]> {
  const files = await openHubCheckpoint(options(target));
  const model = await OlmoModel.open(files, runtime, { precision: 'float32' });
  const layers = Array.from({ length: model.config.layers }, (_, layer) => layer);
  const residuals = await extractResiduals(model, { prompts: [ids], layers, pooling: 'last' });
  await model.dispose();
  return layers.map((layer) => [...(residuals.get(layer) ?? [])]);
}
