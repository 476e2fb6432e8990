/**
 * What a restart goes on from: which stage was finished last, and what was pooled up to it. It is written after the stage's
 * residuals, so where it names a stage, that stage's residuals lie whole in the store.
 */
import { isJsonObject } from '../../formats/bytes/json.ts';
import { lastStageOf, type Stage } from './stage-graph.ts';
import type { BlobStore } from './blob-store.ts';

const FORMAT = 2; // of the blobs; raise it when they change (2: residuals without padding)

/** All that an extraction's residuals depend on; the same inputs have the same prefix on every machine. */
export interface ExtractionIdentity {
  readonly commit: string; // of the checkpoint
  readonly prompts: readonly (readonly number[])[];
  readonly layers: readonly number[];
  readonly pooling: string;
  readonly precision: string;
  readonly batches: readonly (readonly number[])[]; // which prompts ran together
}

/** Where an extraction's blobs lie in a store. */
export async function keptPrefix(identity: ExtractionIdentity): Promise<string> {
  const { commit, layers, pooling, precision } = identity;
  const digest = await sha256(JSON.stringify([identity.prompts, identity.batches, layers, pooling, precision]));
  return `streamed.${FORMAT}/${encodeURIComponent(commit)}/${digest}`;
}

async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const markOf = ({ prefix }: KeptState): string => `${prefix}/finished`;
const pooledOf = ({ prefix }: KeptState, layer: number): string => `${prefix}/pooled.${layer}`;

/** Writes what a layer gave, where the stage ended one that was asked for, then that the stage is finished. */
export async function keepStage(
  kept: KeptState,
  stage: Stage,
  pooled: { readonly layer: number; readonly values: Float32Array } | null,
): Promise<void> {
  if (pooled !== null) await kept.store.put(pooledOf(kept, pooled.layer), bytesOf(pooled.values));
  await kept.store.put(markOf(kept), new TextEncoder().encode(JSON.stringify({ stage })));
}

/**
 * The stage that was finished last, with `pooled` filled up to it; −1 where nothing usable is kept.
 * @param pooled layer → [prompts, hidden]
 */
export async function resumeAfter(kept: KeptState, pooled: ReadonlyMap<number, Float32Array>): Promise<Stage> {
  const finished = parseMark(await kept.store.get(markOf(kept)));
  for (const [layer, values] of pooled) {
    if (lastStageOf(layer) > finished) continue;
    const bytes = await kept.store.get(pooledOf(kept, layer));
    if (bytes?.byteLength !== values.byteLength) return -1;
    bytesOf(values).set(bytes);
  }
  return finished;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function parseMark(bytes: Uint8Array | null): Stage {
  if (bytes === null) return -1;
  try {
    const mark: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isJsonObject(mark) && Number.isInteger(mark['stage']) ? (mark['stage'] as number) : -1;
  } catch {
    return -1; // not written by this build: begin again
  }
}

/** Deletes the mark first, so that nothing half-deleted is ever resumed. */
export async function forgetProgress(kept: KeptState, layers: readonly number[]): Promise<void> {
  await kept.store.delete(markOf(kept));
  for (const layer of layers) await kept.store.delete(pooledOf(kept, layer));
}

export interface KeptState {
  readonly store: BlobStore;
  readonly prefix: string; // of this extraction's blobs
}
