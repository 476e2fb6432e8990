/// <reference lib="webworker" />
/** Fetches while another thread computes: a thread that runs WASM handles no messages until its run is over. */
import { serve } from '../src/rpc/serve.ts';
import { LabError } from '../src/core/errors.ts';
import type { CheckpointFiles } from '../src/engine/checkpoint/checkpoint-files.ts';
import { findCheckpoint, type Ladder } from '../src/formats/ladders/ladder.ts';
import { openZippedCheckpoint } from '../src/engine/checkpoint/zipped-checkpoint.ts';
import { chosenFolder, fileSource } from '../src/sources/blob-source.ts';
import { builtInFiles, fetchLadder } from '../src/sources/built-in.ts';
import { serveFiles } from '../src/sources/files-channel.ts';
import { openHubCheckpoint } from '../src/sources/hub/hub-repo.ts';
import { ATTENDED, type RetryLimits } from '../src/sources/hub/retry-limits.ts';
import { placeLabel } from '../src/labs/models/checkpoint-opener.ts';
import type { CheckpointPlace } from '../src/labs/extraction/extraction-messages.ts';
import type { HubAccess } from '../src/labs/models/models-messages.ts';
import { localIdentity, type WaitNotice } from '../src/labs/models/locate-checkpoint.ts';
import { builtIn } from './site.ts';

/** A broken range is gone on with here, a network that stays away is waited for by the ladder, which hears of `online`. */
const LIMITS: RetryLimits = { ...ATTENDED, attempts: 4, maxServerDelayMs: 3_600_000 };

export interface OpenedHere {
  readonly commit: string;
  readonly label: string;
}

const ladders = new Map<string, Promise<Ladder>>();

function ladderOf(id: string): Promise<Ladder> {
  const known = ladders.get(id) ?? fetchLadder(builtIn, id);
  ladders.set(id, known);
  known.catch(() => ladders.delete(id)); // so that a retry can succeed
  return known;
}

async function locate(
  place: CheckpointPlace,
  { hubUrl, accessToken }: HubAccess,
  onWait: (notice: WaitNotice) => void,
): Promise<{ readonly commit: string; readonly files: CheckpointFiles }> {
  switch (place.kind) {
    case 'hub': {
      const { repo, revision, commit } = place;
      const opened = await openHubCheckpoint({
        ...{ repo, revision: commit ?? revision, fetch: builtIn.fetch, limits: LIMITS, onWait },
        ...(hubUrl !== null && { hubUrl }),
        ...(accessToken !== null && { accessToken }),
      });
      const label = `${repo}@${revision}`;
      return { commit: opened.commit, files: { label, open: (file) => opened.open(file) } };
    }
    case 'folder':
      return { commit: `folder-${await localIdentity(place)}`, files: chosenFolder(place.name, place.files) };
    case 'zip': {
      const files = await openZippedCheckpoint(fileSource(place.file), { label: placeLabel(place) });
      return { commit: `zip-${await localIdentity(place)}`, files };
    }
    case 'built-in': {
      const ladder = await ladderOf(place.ladder);
      const checkpoint = findCheckpoint(ladder, place.revision);
      return { commit: builtInCommit(checkpoint.files['model.safetensors']), files: builtInFiles(builtIn, ladder, checkpoint) }; // prettier-ignore
    }
  }
}

/** A built-in checkpoint has no commit; its weights' digest names it on every machine. */
function builtInCommit(weights: { readonly sha256: string } | undefined): string {
  if (weights !== undefined) return weights.sha256;
  throw new LabError('format', 'The ladder lists no weights.', 'Deploy the ladder again.');
}

export class CheckpointServer {
  /** Pins a checkpoint and serves its files on `port` for as long as this thread lives. */
  async open(
    place: CheckpointPlace,
    access: HubAccess,
    port: MessagePort,
    onWait: (notice: WaitNotice) => void,
  ): Promise<OpenedHere> {
    const { commit, files } = await locate(place, access, onWait);
    serveFiles(files, port);
    return { commit, label: files.label };
  }
}

serve(new CheckpointServer());
