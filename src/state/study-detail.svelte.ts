import { asLabError } from '../core/errors.ts';
import type { StudyClient } from '../bridge/study-client.ts';
import type { ProbeDetail, StudyPlan } from '../../workers/study-api.ts';
import { ready, STARTING, type Async } from './async.ts';
import type { Behind, DetailTarget } from './study-types.ts';

/** What lies behind one AUROC, asked for when somebody looks. */
export class StudyDetail {
  readonly #client: Pick<StudyClient, 'detail'>;
  #behind = $state.raw<Behind | null>(null);
  #latest = 0; // stamp of the newest; an answer that is no longer the latest is dropped

  constructor(client: Pick<StudyClient, 'detail'>) {
    this.#client = client;
  }

  get behind(): Behind | null {
    return this.#behind;
  }

  /** `plan`: of this browser; null: of imported results, whose activations are elsewhere. */
  async look(plan: StudyPlan | null, target: DetailTarget): Promise<void> {
    const stamp = ++this.#latest;
    this.#behind = { target, answer: plan === null ? { kind: 'elsewhere' } : STARTING };
    if (plan === null) return;
    const settle = (answer: Async<ProbeDetail>): void => {
      if (stamp === this.#latest) this.#behind = { target, answer };
    };
    try {
      settle(ready(await this.#client.detail({ plan, ...target })));
    } catch (error) {
      settle({ kind: 'failed', error: asLabError(error) });
    }
  }

  close(): void {
    this.#latest++;
    this.#behind = null;
  }
}
