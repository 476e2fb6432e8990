import type { LibraryClient } from '../../rpc/clients.ts';
import type { DeviceReport } from '../../engine/device/device-report.ts';
import type { LadderSummary } from '../../labs/steer/steer-messages.ts';
import { ReadOnce } from './read-once.svelte.ts';

export type { DeviceReport, LadderSummary };

const BUILT_IN_LADDER = 'tiny-olmo3';

/** What pages know without a model being open: the device and the ladder that comes with the lab. */
export class Surroundings {
  readonly device: ReadOnce<DeviceReport>;
  readonly ladder: ReadOnce<LadderSummary>;

  constructor(client: Pick<LibraryClient, 'device' | 'builtInLadder'>) {
    this.device = new ReadOnce(() => client.device());
    this.ladder = new ReadOnce(() => client.builtInLadder(BUILT_IN_LADDER));
  }

  /** Reads what is not there yet. Failures stand in the two states. */
  async load(): Promise<void> {
    await Promise.allSettled([this.device.read(), this.ladder.read()]);
  }
}
