/** What the library of models is asked and tells, as plain data that crosses between threads. */
import type { ExternalRef } from './checkpoint-ref.ts';
import type { OlmoConfig } from '../../engine/checkpoint/config.ts';
import type { Family } from '../../engine/checkpoint/family.ts';
import type { Provider } from '../../engine/device/device-report.ts';
import type { Precision } from '../../engine/graph/precisions.ts';
import type { PrecisionAdvice } from '../../engine/device/precision-choice.ts';
import type { BlockSize } from '../../formats/weights/quantised-blocks.ts';
import type { ListedRef } from './ladder-picks.ts';

/** Which Hub is asked, and as whom. It is kept nowhere. */
export interface HubAccess {
  readonly hubUrl: string | null; // of a mirror; null: huggingface.co
  readonly accessToken: string | null;
}

export interface LadderOutline {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly repos: readonly string[];
}

export interface NamedRef extends ListedRef {
  readonly kind: 'branch' | 'tag';
}

/** What is known of a checkpoint before a byte of its weights is read. */
export interface CheckpointInspection {
  readonly label: string;
  readonly address: ExternalRef; // of the Hub: with its commit
  readonly config: Pick<
    OlmoConfig,
    'layers' | 'hiddenSize' | 'heads' | 'kvHeads' | 'vocabSize' | 'contextLength' | 'tiedEmbeddings'
  > & { readonly family: Family };
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly weightBytes: number; // of its *.safetensors
  readonly hasTokenizer: boolean;
  readonly provider: Provider; // that the advice is for
  readonly advice: PrecisionAdvice;
}

export interface ConvertRequest {
  readonly address: ExternalRef;
  readonly access: HubAccess;
  readonly precision: Precision;
  readonly blockSize: BlockSize;
  /** The half-written model that it goes on with; a source that has changed since is then an error, not another model. */
  readonly resuming?: string;
}

/** Where the bytes of a model that is not whole yet come from. */
export type UnfinishedSource =
  | {
      readonly kind: 'hub';
      readonly repo: string;
      readonly revision: string;
      readonly commit: string;
      readonly hubUrl: string | null;
    }
  | { readonly kind: 'folder'; readonly name: string; readonly handle?: FileSystemDirectoryHandle }
  | { readonly kind: 'zip'; readonly name: string; readonly handle?: FileSystemFileHandle }
  | { readonly kind: 'pack'; readonly name: string; readonly identity: string; readonly handle?: FileSystemFileHandle };

/** What a half-written model was to become, so that it can go on. */
export interface UnfinishedModel {
  readonly label: string;
  readonly from: UnfinishedSource;
  readonly precision: Precision;
  readonly blockSize: BlockSize;
}

/** A model of this browser's storage, whole or not. */
export interface SavedModel {
  readonly name: string; // of its folder
  readonly label: string; // of the checkpoint; the folder's name where no more is known
  readonly precision: string | null;
  readonly bytes: number;
  readonly changed: number; // ms since 1970
  readonly lastUsed: number | null; // ms since 1970
  readonly isComplete: boolean;
  readonly hasTokenizer: boolean; // without it Steer cannot open it
  readonly unfinished: UnfinishedModel | null; // how it was started, if it is unfinished and that is recorded
}

export interface StorageReport {
  readonly usedBytes: number; // by everything of this site
  readonly quotaBytes: number; // that the browser would grant it
  readonly persisted: boolean; // the browser will not evict it by itself
}

export interface LibraryProgress {
  readonly phase: 'listing' | 'weights' | 'checking' | 'copying' | 'packing' | 'exporting';
  readonly doneBytes: number;
  readonly totalBytes: number; // 0: not yet known
  readonly what: string; // a tensor or a file; '' where nothing is to be named
  readonly waiting: string | null; // why nothing moves, where that is known
}
