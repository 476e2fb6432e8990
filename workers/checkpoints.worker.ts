/// <reference lib="webworker" />
/** Fetches while another thread computes: a thread that runs WASM handles no messages until its run is over. */
import { serve } from '../src/rpc/serve.ts';
import { chosenFolder, fileSource } from '../src/sources/blob-source.ts';
import { builtInFiles } from '../src/sources/built-in.ts';
import { serveFiles } from '../src/sources/files-channel.ts';
import { openHubCheckpoint } from '../src/sources/hub/hub-repo.ts';
import { ATTENDED, type RetryLimits } from '../src/sources/hub/retry-limits.ts';
import type { SourceRef } from '../src/labs/models/checkpoint-ref.ts';
import type { HubAccess } from '../src/labs/models/models-messages.ts';
import { openCheckpointFiles, type LadderSources, type WaitNotice } from '../src/labs/models/open-checkpoint-files.ts';
import { builtIn, hubOptions, ladderOnce } from './site.ts';

/** A broken range is gone on with here, a network that stays away is waited for by the ladder, which hears of `online`. */
const LIMITS: RetryLimits = { ...ATTENDED, attempts: 4, maxServerDelayMs: 3_600_000 };

export interface OpenedHere {
  readonly commit: string;
  readonly label: string;
}

const sources: LadderSources = {
  openHub: (repo, revision, control) => openHubCheckpoint({ ...hubOptions(control), repo, revision, limits: LIMITS }),
  folderFiles: chosenFolder,
  fileSource,
  fetchLadder: ladderOnce,
  builtInFiles: (ladder, checkpoint) => builtInFiles(builtIn, ladder, checkpoint),
};
const untilClosed = new AbortController().signal; // whoever stops an extraction ends this thread

export class CheckpointServer {
  /** Pins a checkpoint and serves its files on `port` for as long as this thread lives. */
  async open(
    place: SourceRef,
    access: HubAccess,
    port: MessagePort,
    onWait: (notice: WaitNotice) => void,
  ): Promise<OpenedHere> {
    const { commit, files } = await openCheckpointFiles(sources, place, { access, signal: untilClosed, onWait });
    serveFiles(files, port);
    return { commit, label: files.label };
  }
}

serve(new CheckpointServer());
