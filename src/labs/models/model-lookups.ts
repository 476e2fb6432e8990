/**
 * What the Checkpoints page looks up before it fetches anything: the device, ladders, branches and tags, and a checkpoint's
 * architecture. A new lookup replaces an older one of the same kind.
 */
import { LabError } from '../../core/errors.ts';
import type { DeviceReport } from '../../engine/device/device-report.ts';
import { zipKind } from '../../engine/checkpoint/zipped-checkpoint.ts';
import { parseHubLadder, type HubLadder } from '../../formats/ladders/hub-ladder.ts';
import type { Ladder } from '../../formats/ladders/ladder.ts';
import { inspectCheckpoint } from './inspect-checkpoint.ts';
import type { LadderSummary } from '../steer/steer-messages.ts';
import { pickCheckpoints, reposOf, type PickedCheckpoint } from './ladder-picks.ts';
import { summariseLadder } from './ladder-summary.ts';
import type { CheckpointInspection, HubAccess, LadderOutline, NamedRef } from './models-messages.ts';
import type { ExternalRef } from './checkpoint-ref.ts';
import {
  hubControl,
  openCheckpointFiles,
  type CheckpointSources,
  type HubControl,
  type OnWait,
} from './open-checkpoint-files.ts';
import { Lookups } from '../jobs/lookups.ts';

/** Where answers come from, handed in. */
export interface LookupParts extends CheckpointSources {
  fetchLadder(id: string): Promise<Ladder>;
  listRefs(repo: string, control: HubControl): Promise<readonly NamedRef[]>;
  hubLadders(): Promise<readonly HubLadder[]>;
  inspectDevice(): Promise<DeviceReport>;
  readonly memoryBytes: number | null; // memory of the machine; null if the browser does not report it
}

export class ModelLookups {
  readonly #parts: LookupParts;
  readonly #lookups = new Lookups();
  readonly #own = new Map<string, HubLadder>(); // the visitor's own ladders by id

  constructor(parts: LookupParts) {
    this.#parts = parts;
  }

  /** What this browser and machine offer for running models. */
  device(): Promise<DeviceReport> {
    return this.#parts.inspectDevice();
  }

  /** A ladder that ships with Harmscope. */
  async builtInLadder(id: string): Promise<LadderSummary> {
    return summariseLadder(await this.#parts.fetchLadder(id));
  }

  /** The Hub ladders that Harmscope knows. Sends no request to the Hub. */
  async ladders(): Promise<readonly LadderOutline[]> {
    const ladders = await this.#parts.hubLadders();
    return ladders.map(outlineOf);
  }

  /**
   * Adds the visitor's own ladder or list of checkpoints until the page is closed.
   * @throws LabError `format`, naming file, entry and field
   */
  async addLadder(name: string, text: string): Promise<LadderOutline> {
    const ladder = await Promise.resolve({ ...parseHubLadder(text, name), id: `own ${name}` }); // a malformed one rejects
    this.#own.set(ladder.id, ladder);
    return outlineOf(ladder);
  }

  /** Branches and tags of a repository, as the Hub lists them. */
  refs(repo: string, access: HubAccess, onWait: OnWait): Promise<readonly NamedRef[]> {
    return this.#lookups.run('refs', (signal) => this.#parts.listRefs(repo, hubControl(access, signal, onWait)));
  }

  /** A ladder's checkpoints, picked from the branches that the Hub lists now. */
  pickLadder(id: string, access: HubAccess, onWait: OnWait): Promise<readonly PickedCheckpoint[]> {
    return this.#lookups.run(`ladder ${id}`, async (signal) => {
      const ladder = this.#own.get(id) ?? (await this.#parts.hubLadders()).find((known) => known.id === id);
      if (ladder === undefined) throw new LabError('not-found', `There is no ladder “${id}”.`, 'Choose another one.');
      const control = hubControl(access, signal, onWait);
      const listed = reposOf(ladder).map(async (repo) => [repo, await this.#parts.listRefs(repo, control)] as const);
      return pickCheckpoints(ladder, new Map(await Promise.all(listed)));
    });
  }

  /** Architecture, size and fit of a checkpoint. Fetches its file list and config.json, and no weights. */
  inspect(address: ExternalRef, access: HubAccess, onWait: OnWait): Promise<CheckpointInspection> {
    return this.#lookups.run('inspect', async (signal) => {
      const located = await openCheckpointFiles(this.#parts, address, hubControl(access, signal, onWait));
      return inspectCheckpoint(located, await this.#parts.inspectDevice(), this.#parts.memoryBytes);
    });
  }

  /** Whether a ZIP is a pack or a zipped checkpoint, judged by its directory alone. */
  zipKind(file: File): Promise<'pack' | 'checkpoint'> {
    return zipKind(this.#parts.fileSource(file));
  }

  /** Stops all running lookups. */
  stopLooking(): Promise<void> {
    this.#lookups.stop();
    return Promise.resolve();
  }
}

function outlineOf(ladder: HubLadder): LadderOutline {
  const { id, name, description } = ladder;
  return { id, name, description, repos: reposOf(ladder) };
}
