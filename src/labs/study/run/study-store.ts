/** What a study stores for each unit of work (checkpoint × prompt set): complete or absent, under keys that are the same on every machine. */
import type { StudyPooling } from '../../../formats/study/study-plan.ts';
import { residPost } from '../../../engine/run/residual-sites.ts';
import { activationKey, readActivations, type StoredActivations } from '../../extraction/activation-store.ts';
import type { PromptTemplate } from '../../../formats/prompts/prompt-template.ts';
import { templateKey } from '../../steer/direction-cache.ts';
import type { KeyValueStore } from '../../../core/key-value-store.ts';

const FORMAT = 1; // version of the stored values; raise it when they change

/** A store whose keys can be listed and removed. */
export interface StudyStore extends KeyValueStore {
  keys(): Promise<readonly string[]>;
  remove(keys: readonly string[]): Promise<void>;
}

/** What every unit of a study depends on besides its checkpoint and prompts. */
export interface ReadingInputs {
  readonly pooling: StudyPooling;
  readonly template: PromptTemplate;
  readonly precision: 'float32';
}

export function activationsAt(
  commit: string,
  digest: string,
  layer: number,
  reading: ReadingInputs,
): StoredActivations['inputs'] {
  return { commit, promptDigest: digest, site: residPost(layer), ...reading };
}

export function activationsKey(commit: string, digest: string, layer: number, reading: ReadingInputs): string {
  return activationKey(activationsAt(commit, digest, layer, reading));
}

/** Activations [rows, hidden] at a layer; null if they are not stored. */
export async function readRows(
  store: KeyValueStore,
  commit: string,
  digest: string,
  layer: number,
  reading: ReadingInputs,
): Promise<StoredActivations | null> {
  return readActivations(store, activationsAt(commit, digest, layer, reading));
}

/** Sums of a training set's activations by class at every layer, from which the directions of any layer are computed. */
export interface ClassSums {
  readonly classes: readonly string[];
  readonly counts: readonly number[]; // by class
  readonly layers: number;
  readonly hidden: number;
  readonly sums: Float64Array; // [layers, classes, hidden]
}

export function classSumsKey(commit: string, labelDigest: string, reading: ReadingInputs): string {
  return ['class-sums', FORMAT, commit, labelDigest, 'resid_post.*', ...tail(reading)].join('/');
}

export async function readClassSums(store: KeyValueStore, key: string): Promise<ClassSums | null> {
  const value = (await store.get(key)) as Partial<ClassSums> | null | undefined;
  if (!(value?.sums instanceof Float64Array) || !Array.isArray(value.classes)) return null;
  const isWhole = value.sums.length === (value.layers ?? 0) * value.classes.length * (value.hidden ?? 0);
  return isWhole ? (value as ClassSums) : null;
}

/** a·d/‖d‖ of a test set's prompts on the directions of every layer. */
export interface LayerScores {
  readonly layers: number;
  readonly names: readonly string[]; // of the directions
  readonly rows: number; // prompts
  readonly scores: Float32Array; // [layers, names, rows]
}

/** The key of scores. `trainDigest`: digest of the training sets that the directions come from. */
export function layerScoresKey(commit: string, digest: string, trainDigest: string, reading: ReadingInputs): string {
  return ['layer-scores', FORMAT, commit, digest, trainDigest, 'resid_post.*', ...tail(reading)].join('/');
}

export async function readLayerScores(store: KeyValueStore, key: string): Promise<LayerScores | null> {
  const value = (await store.get(key)) as Partial<LayerScores> | null | undefined;
  if (!(value?.scores instanceof Float32Array) || !Array.isArray(value.names)) return null;
  const isWhole = value.scores.length === (value.layers ?? 0) * value.names.length * (value.rows ?? 0);
  return isWhole ? (value as LayerScores) : null;
}

const tail = ({ pooling, template, precision }: ReadingInputs): string[] => [pooling, templateKey(template), precision];
