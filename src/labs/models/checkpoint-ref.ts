/** Where a checkpoint is: one union, and the parts of it that each use takes. */

/** A checkpoint of a ladder that ships with the lab. */
export interface BuiltInRef {
  readonly kind: 'built-in';
  readonly ladder: string;
  readonly revision: string;
}

/** A checkpoint on the Hugging Face Hub. */
export interface HubRef {
  readonly kind: 'hub';
  readonly repo: string; // owner/name
  readonly revision: string; // branch, tag or commit, as the user chose it
  readonly commit: string | null; // null: whatever the revision points to now
}

/** A file of a folder that the user chose. Browsers hand out a snapshot; its bytes stay on the disk. */
export interface FolderFile {
  readonly path: string; // within the folder
  readonly file: File;
}

/** A folder on this machine. */
export interface FolderRef {
  readonly kind: 'folder';
  readonly name: string;
  readonly files: readonly FolderFile[];
  readonly handle?: FileSystemDirectoryHandle; // in browsers that give one: it opens the folder again in a later visit
}

/** A ZIP of a checkpoint's folder, or a pack. */
export interface ZipRef {
  readonly kind: 'zip';
  readonly file: File;
  readonly handle?: FileSystemFileHandle;
}

/** A converted model saved in this browser. */
interface SavedRef {
  readonly kind: 'saved';
  readonly name: string; // of its folder in OPFS
}

type CheckpointRef = BuiltInRef | HubRef | FolderRef | ZipRef | SavedRef;

/** On this machine. */
export type LocalRef = FolderRef | ZipRef;

/** Not in the lab yet: what can be converted. */
export type ExternalRef = HubRef | LocalRef;

/** With its original files, not converted: what activations are extracted from. */
export type SourceRef = Exclude<CheckpointRef, SavedRef>;

/** What a ladder of a study is made of. */
export type LadderRef = BuiltInRef | HubRef;

/** What Steer opens as a whole. */
export type ModelRef = BuiltInRef | SavedRef;

/** The name that results are listed under. */
export function labelOfRef(ref: SourceRef): string {
  switch (ref.kind) {
    case 'folder':
      return ref.name;
    case 'zip':
      return zipLabel(ref.file.name);
    case 'hub':
      return `${ref.repo}@${ref.revision}`;
    case 'built-in':
      return `${ref.ladder}@${ref.revision}`;
  }
}

/** The name of the folder inside a ZIP, which is the ZIP's own without its extension. */
const zipLabel = (file: string): string => file.replace(/\.zip$/i, '');
