/** What of a checkpoint is compared with other checkpoints. */
/** A checkpoint's place among the others. */
/** Directions and centroids of one checkpoint at the layer of the study. */
export interface CheckpointVectors {
  readonly point: number;
  readonly commit: string;
  readonly directions: readonly (Float64Array | null)[]; // by name, [hidden]; null: it points nowhere
  readonly centroids: ReadonlyMap<string, Float64Array>; // by class, `negative` among them
}
