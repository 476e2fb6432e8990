/** The wire between the page and the library worker: plain data only. */
import type { DeviceReport } from '../src/engine/device-report.ts';
import type { ActivationSet } from '../src/study/extraction-messages.ts';
import type { LadderSummary } from '../src/study/lab-messages.ts';
import type { PickedCheckpoint } from '../src/study/ladder-picks.ts';
import type {
  CheckpointAddress,
  CheckpointInspection,
  ConvertRequest,
  HubAccess,
  KeptModel,
  LadderOutline,
  LibraryProgress,
  NamedRef,
  StorageReport,
  ZipPlace,
} from '../src/study/library-messages.ts';

export type { DeviceReport, WebGpuReport } from '../src/engine/device-report.ts';
export type { Precision } from '../src/engine/graph/precisions.ts';
export type { Fit, PrecisionAdvice, PrecisionOption } from '../src/engine/precision-choice.ts';
export type { Stage } from '../src/formats/ladder.ts';
export type { BlockSize } from '../src/formats/quantised-blocks.ts';
export type { ActivationSet } from '../src/study/extraction-messages.ts';
export type { CheckpointSummary, LadderSummary } from '../src/study/lab-messages.ts';
export type { PickedCheckpoint } from '../src/study/ladder-picks.ts';
export type {
  Begun,
  CheckpointAddress,
  CheckpointInspection,
  ConvertRequest,
  FolderFile,
  FolderPlace,
  HubAccess,
  KeptModel,
  LadderOutline,
  LibraryProgress,
  LocalPlace,
  NamedRef,
  StorageReport,
  ZipPlace,
} from '../src/study/library-messages.ts';

/** What a look-up waits for, or null once it goes on. */
export type OnWait = (waiting: string | null) => void;

/**
 * What the library worker offers. Conversions, packs and deletions queue; look-ups run beside them, a newer one of a kind in place
 * of the older. Every call rejects with a plain `WireError`.
 */
export interface LibraryWorkerApi {
  /** What this browser and machine offer to run a model on. */
  device(): Promise<DeviceReport>;
  /** A ladder that the lab is shipped with. Asks nobody. */
  builtInLadder(id: string): Promise<LadderSummary>;
  list(): Promise<readonly KeptModel[]>;
  storage(): Promise<StorageReport>;
  remove(name: string): Promise<void>;
  /** The ladders of the Hub that the lab is shipped with. Asks nobody. */
  ladders(): Promise<readonly LadderOutline[]>;
  /** Takes in somebody's own ladder or list of {repo, revision}, until the page is closed. Asks nobody. */
  addLadder(name: string, text: string): Promise<LadderOutline>;
  /** Branches and tags of a repository, asked of the Hub. */
  refs(repo: string, access: HubAccess, onWait: OnWait): Promise<readonly NamedRef[]>;
  /** A ladder's checkpoints out of the branches that there are now, asked of the Hub. */
  pickLadder(id: string, access: HubAccess, onWait: OnWait): Promise<readonly PickedCheckpoint[]>;
  /** Architecture, sizes and fit of a checkpoint. Asks the Hub for its listing and its config.json alone. */
  inspect(address: CheckpointAddress, access: HubAccess, onWait: OnWait): Promise<CheckpointInspection>;
  /** Whether a ZIP is a pack or a checkpoint that somebody zipped, by its directory alone. */
  zipKind(file: File): Promise<'pack' | 'checkpoint'>;
  /** Stops the look-ups under way. */
  stopLooking(): Promise<void>;
  /** Converts a checkpoint and keeps it; resolves to its name. What is there of it already is not read again. */
  convert(request: ConvertRequest, onProgress: (progress: LibraryProgress) => void): Promise<string>;
  /** Copies a pack into this browser's storage, every byte checked; resolves to the model's name. */
  installPack(pack: ZipPlace, onProgress: (progress: LibraryProgress) => void): Promise<string>;
  /** Writes a model as one file: to where the user chose, else into storage, for the page to hand out. */
  savePack(
    name: string,
    target: FileSystemFileHandle | null,
    onProgress: (progress: LibraryProgress) => void,
  ): Promise<File | null>;
  /**
   * Writes a model as the folder that transformers.js loads: a new one inside of what the user chose, else as a ZIP for the page to hand
   * out. Nothing is left of one that was stopped.
   */
  exportModel(
    name: string,
    target: FileSystemDirectoryHandle | null,
    onProgress: (progress: LibraryProgress) => void,
  ): Promise<File | null>;
  /** The activations that this browser keeps. */
  activations(): Promise<readonly ActivationSet[]>;
  removeActivations(id: string): Promise<void>;
  /** Activations as one safetensors file, for the page to hand out. */
  activationsFile(id: string): Promise<File>;
  /** Stops the conversion or the copy under way; what is done stays. */
  interrupt(): Promise<void>;
}
