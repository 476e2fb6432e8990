/** What a converted model consists of. It is written last: a folder without it is no model. */
import { decodeUtf8, parseJsonObject } from '../../formats/bytes/json.ts';
import type { Dtype } from '../../formats/bytes/safetensors.ts';
import type { WeightLayout } from '../graph/builder.ts';
import type { Precision } from '../graph/precisions.ts';
import { checkManifest, MANIFEST_FORMAT, MANIFEST_VERSION } from './check-manifest.ts';
import type { FileDigest } from './digests.ts';
import { MANIFEST_FILE } from './file-names.ts';
import type { Placement } from './layout.ts';
import type { StoredModel } from './model-folder.ts';

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

/** The manifest, or null where the folder holds none. Throws `format` errors that name the folder and the field. */
export async function readManifest(folder: StoredModel): Promise<Manifest | null> {
  const source = await folder.open(MANIFEST_FILE);
  if (source === null) return null;
  const name = `${MANIFEST_FILE} of ${folder.label}`;
  return checkManifest(parseJsonObject(name, decodeUtf8(name, await source.slice(0, source.byteLength))), name);
}
