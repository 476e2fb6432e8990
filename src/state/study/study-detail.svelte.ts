import { asLabError } from '../../core/errors.ts';
import type { StudyClient } from '../../rpc/clients.ts';
import type { ProbeDetail } from '../../formats/study/study-results.ts';
import type { StudyPlan } from '../../formats/study/study-plan.ts';
import { ready, STARTING, type Async } from '../page/async.ts';
import type { Behind, DetailTarget } from './study-types.ts';

/** The details of one AUROC, asked for on demand. */
export class StudyBehind {
  readonly #client: StudyClient;
  #shown = $state.raw<Behind | null>(null);
  #details = 0; // stamp of the newest; answers to older ones are dropped

  constructor(client: StudyClient) {
    this.#client = client;
  }

  get shown(): Behind | null {
    return this.#shown;
  }

  /** An answer that is no longer the latest is dropped. `imported`: what lies behind is on another machine. */
  async look(plan: StudyPlan, target: DetailTarget, imported: boolean): Promise<void> {
    const stamp = ++this.#details;
    this.#shown = { target, answer: imported ? { kind: 'elsewhere' } : STARTING };
    if (imported) return;
    const settle = (answer: Async<ProbeDetail>): void => {
      if (stamp === this.#details) this.#shown = { target, answer };
    };
    try {
      settle(ready(await this.#client.detail({ plan, ...target })));
    } catch (error) {
      settle({ kind: 'failed', error: asLabError(error) });
    }
  }

  close(): void {
    this.#details++;
    this.#shown = null;
  }
}
