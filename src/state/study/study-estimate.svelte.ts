import { asLabError } from '../../core/errors.ts';
import type { StudyClient } from '../../rpc/clients.ts';
import type { StudyOutline } from '../../labs/study/study-messages.ts';
import type { StudyPlan } from '../../formats/study/study-plan.ts';
import { IDLE, ready, STARTING, type Async } from '../page/async.ts';

/** What a plan comes to, before it runs. */
export class StudyOutlook {
  readonly #client: StudyClient;
  #outline = $state.raw<Async<StudyOutline>>(IDLE);
  #outlines = 0; // stamp of the newest; answers to older ones are dropped

  constructor(client: StudyClient) {
    this.#client = client;
  }

  get outline(): Async<StudyOutline> {
    return this.#outline;
  }

  async look(plan: StudyPlan): Promise<void> {
    const stamp = ++this.#outlines;
    this.#outline = STARTING;
    try {
      const outline = await this.#client.outline(plan);
      if (stamp === this.#outlines) this.#outline = ready(outline);
    } catch (error) {
      if (stamp === this.#outlines) this.#outline = { kind: 'failed', error: asLabError(error) };
    }
  }
}
