/** What a converted model consists of. It is written last: a folder without it is no model. */

import type { Dtype } from '../../formats/bytes/safetensors.ts';
import type { WeightLayout } from '../graph/builder.ts';
import type { Precision } from '../graph/precisions.ts';
import type { FileDigest } from './digests.ts';
import type { Placement } from './layout.ts';

export interface SourceFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string | null; // that the checkpoint’s source knew, and that the bytes were checked against
}

export interface EmbeddingPlace {
  readonly file: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[]; // [vocab, hidden]
}

export interface Manifest {
  readonly label: string; // of the checkpoint
  readonly identity: string;
  readonly precision: Precision;
  readonly layout: WeightLayout;
  readonly parameters: number;
  readonly sources: readonly SourceFile[];
  readonly embedding: EmbeddingPlace;
  readonly weights: readonly Placement[];
  readonly files: Readonly<Record<string, FileDigest>>;
}

export function writeManifest(manifest: Manifest): Uint8Array {
  return new TextEncoder().encode(
    `${JSON.stringify({ format: MANIFEST_FORMAT, version: MANIFEST_VERSION, ...manifest })}\n`,
  );
}

export const MANIFEST_FORMAT = 'harmscope-model';

export const MANIFEST_VERSION = 1;
