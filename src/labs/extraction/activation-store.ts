/** Stored pooled activations: one residual site of one prompt set on one checkpoint, complete or absent. */
import type { ResidualSite } from '../../engine/run/residual-sites.ts';
import type { StreamedPrecision } from '../../engine/streamed/stage-graph.ts';
import type { StudyPooling } from '../../formats/study/study-plan.ts';
import type { PromptTemplate } from '../../formats/prompts/prompt-template.ts';
import { templateKey } from '../steer/direction-cache.ts';
import type { KeyValueStore } from '../../core/key-value-store.ts';

const FORMAT = 1; // version of the stored value; raise it when `StoredActivations` changes

/** Everything that activations depend on. */
export interface ActivationInputs {
  readonly commit: string; // the checkpoint's commit
  readonly promptDigest: string; // SHA-256 of the prompt set
  readonly site: ResidualSite;
  readonly pooling: StudyPooling;
  readonly template: PromptTemplate;
  readonly precision: StreamedPrecision;
}

/** The storage key of activations. The same inputs have the same key on every machine. */
export function activationKey(inputs: ActivationInputs): string {
  const { commit, promptDigest, site, pooling, template, precision } = inputs;
  return ['activations', FORMAT, commit, promptDigest, site, pooling, templateKey(template), precision].join('/');
}

export interface StoredActivations {
  readonly inputs: ActivationInputs;
  readonly checkpoint: string; // display name
  readonly promptSet: string; // display name
  readonly rows: number; // one per prompt
  readonly hidden: number;
  readonly values: Float32Array; // [rows, hidden], in the order of the prompts
}

/** A store that may be able to check for a key without reading its value, which is megabytes in size. */
export interface ActivationStore extends KeyValueStore {
  has?(key: string): Promise<boolean>;
}

/** Whether these activations are stored. */
export async function hasActivations(store: ActivationStore, inputs: ActivationInputs): Promise<boolean> {
  if (store.has !== undefined) return store.has(activationKey(inputs));
  return (await readActivations(store, inputs)) !== null;
}

/** The stored activations; null if there are none, or they are in a format that this build does not use. */
export async function readActivations(
  store: KeyValueStore,
  inputs: ActivationInputs,
): Promise<StoredActivations | null> {
  const value = await store.get(activationKey(inputs));
  return isStoredActivations(value) ? value : null;
}

export async function writeActivations(store: KeyValueStore, value: StoredActivations): Promise<void> {
  await store.set(activationKey(value.inputs), value);
}

export function isStoredActivations(value: unknown): value is StoredActivations {
  if (typeof value !== 'object' || value === null) return false;
  const { rows, hidden, values } = value as Partial<StoredActivations>;
  return (
    values instanceof Float32Array &&
    typeof rows === 'number' &&
    typeof hidden === 'number' &&
    values.length === rows * hidden
  );
}
