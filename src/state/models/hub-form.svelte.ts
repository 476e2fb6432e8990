import { asLabError, LabError } from '../../core/errors.ts';
import type { LibraryClient } from '../../rpc/clients.ts';
import type { BlockSize } from '../../formats/weights/quantised-blocks.ts';
import type { CheckpointInspection, ConvertRequest, HubAccess, NamedRef } from '../../labs/models/models-messages.ts';
import type { ExternalRef, LocalRef } from '../../labs/models/checkpoint-ref.ts';
import type { Precision } from '../../engine/graph/precisions.ts';
import { IDLE, ready, STARTING, valueOf, type Async } from '../page/async.ts';
import { hostOf } from './hub-host.ts';

export type { BlockSize, CheckpointInspection, LocalRef, NamedRef, Precision };

export interface ListedRefs {
  readonly repo: string;
  readonly refs: readonly NamedRef[];
}

/** A checkpoint on its way into this browser: where it is, what it is, and in which precision it is to be kept. */
export class HubForm {
  readonly #client: LibraryClient;
  repo = $state('');
  revision = $state('main');
  token = $state(''); // here and nowhere else
  hubUrl = $state('');
  blockSize = $state<BlockSize>(32);
  #precision = $state<Precision | null>(null); // null: the recommended one
  #refs = $state.raw<Async<ListedRefs>>(IDLE);
  #inspection = $state.raw<Async<CheckpointInspection>>(IDLE);
  #waiting = $state<string | null>(null);
  #latest = 0; // stamp of the newest inspection

  constructor(client: LibraryClient) {
    this.#client = client;
  }

  get refs(): Async<ListedRefs> {
    return this.#refs;
  }
  get inspection(): Async<CheckpointInspection> {
    return this.#inspection;
  }
  /** Why a look-up takes its time. */
  get waiting(): string | null {
    return this.#waiting;
  }

  readonly access: HubAccess = $derived.by(() => {
    const [hubUrl, token] = [this.hubUrl.trim(), this.token.trim()];
    return { hubUrl: hubUrl === '' ? null : hubUrl, accessToken: token === '' ? null : token };
  });

  /** What is wrong with the address of the mirror; null where it is one, or none is given. */
  readonly hubUrlProblem: string | null = $derived.by(() => {
    const { hubUrl } = this.access;
    return hubUrl === null || /^https?:\/\/[^/]/.test(hubUrl) ? null : 'An address begins with https://';
  });

  /** Who is asked. */
  readonly host = $derived.by(() => hostOf(this.access.hubUrl));

  readonly precision: Precision | null = $derived.by(
    () => this.#precision ?? valueOf(this.#inspection)?.advice.recommended ?? null,
  );

  choosePrecision(precision: Precision): void {
    this.#precision = precision;
  }

  /** Takes over a checkpoint from a list; nothing is asked of anybody. */
  fill(repo: string, revision: string): void {
    this.repo = repo;
    this.revision = revision;
    this.forget();
  }

  /** What was looked up belongs to other words than those that stand there now. */
  forget(): void {
    this.#latest++;
    this.#inspection = IDLE;
    this.#waiting = null;
  }

  async listRefs(): Promise<void> {
    const repo = this.repo.trim();
    if (repo === '') {
      this.#refs = { kind: 'failed', error: missing('repository') };
      return;
    }
    this.#refs = STARTING;
    try {
      this.#refs = ready({ repo, refs: await this.#client.refs(repo, this.access, this.#onWait) });
    } catch (caught) {
      const error = asLabError(caught);
      this.#refs = error.code === 'interrupted' ? IDLE : { kind: 'failed', error };
    }
  }

  async inspectHub(): Promise<void> {
    const [repo, revision] = [this.repo.trim(), this.revision.trim()];
    if (repo === '' || revision === '') {
      this.#inspection = { kind: 'failed', error: missing(repo === '' ? 'repository' : 'revision') };
      return;
    }
    await this.#inspect({ kind: 'hub', repo, revision, commit: null });
  }

  /** A folder, or a ZIP of one; resolves to false, with nothing done, where that is a pack. */
  async inspectLocal(place: LocalRef): Promise<boolean> {
    if (place.kind === 'zip' && (await this.#client.zipKind(place.file)) === 'pack') return false;
    await this.#inspect(place);
    return true;
  }

  async stop(): Promise<void> {
    await this.#client.stopLooking();
  }

  /** What to convert, as it was inspected: the same commit, the same files. */
  request(): ConvertRequest | null {
    const inspection = valueOf(this.#inspection);
    const { precision, blockSize, access } = this;
    if (inspection === null || precision === null) return null;
    return { address: inspection.address, access, precision, blockSize };
  }

  async #inspect(address: ExternalRef): Promise<void> {
    const stamp = ++this.#latest;
    this.#inspection = STARTING;
    this.#precision = null;
    try {
      const inspection = await this.#client.inspect(address, this.access, this.#onWait);
      if (stamp === this.#latest) this.#inspection = ready(inspection);
    } catch (caught) {
      const error = asLabError(caught);
      if (stamp !== this.#latest) return;
      this.#inspection = error.code === 'interrupted' ? IDLE : { kind: 'failed', error };
    } finally {
      if (stamp === this.#latest) this.#waiting = null;
    }
  }

  readonly #onWait = (waiting: string | null): void => {
    this.#waiting = waiting;
  };
}

function missing(what: 'repository' | 'revision'): LabError {
  const nextStep =
    what === 'repository' ? 'Write it as owner/name.' : 'Name a branch, a tag or a commit, such as main.';
  return new LabError('bad-request', `No ${what} is given.`, nextStep);
}
