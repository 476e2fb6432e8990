import { expose } from 'comlink';
import { describe, expect, test } from 'vitest';
import { LabError, toWire } from '../../../src/core/errors.ts';
import { createModelClient } from '../../../src/bridge/model-client.ts';
import type { Rewrite } from '../../../workers/api.ts';
import { FakeClient } from '../state/fake-client.ts';

/** A worker's outside, with its inside on the other end of a channel in this thread. */
class ChannelWorker extends EventTarget implements Worker {
  readonly #channel = new MessageChannel();
  terminated = false;
  onmessage = null;
  onmessageerror = null;
  onerror = null;

  constructor(api: unknown) {
    super();
    expose(api, this.#channel.port2);
    this.#channel.port1.onmessage = (event: MessageEvent<unknown>) =>
      this.dispatchEvent(new MessageEvent('message', { data: event.data }));
  }

  postMessage(message: unknown, transfer: Transferable[] | StructuredSerializeOptions = []): void {
    this.#channel.port1.postMessage(message, transfer as never);
  }

  terminate(): void {
    this.terminated = true;
    this.#channel.port1.close();
  }

  crash(message: string): void {
    this.dispatchEvent(new MessageEvent('message', { data: { harmscope: 'alive' } }));
    this.dispatchEvent(Object.assign(new Event('error'), { message }));
  }
}

function bench(api: unknown): { workers: ChannelWorker[]; client: ReturnType<typeof createModelClient> } {
  const workers: ChannelWorker[] = [];
  const client = createModelClient(() => {
    const worker = new ChannelWorker(api);
    workers.push(worker);
    return worker;
  });
  return { workers, client };
}

const never = { exportDirections: () => new Promise(() => undefined) };

describe('the client of the model worker', () => {
  test('starts one worker, at the first call', async () => {
    const { workers, client } = bench(new FakeClient());
    expect(workers).toHaveLength(0);
    expect(await client.exportDirections()).toEqual(new Uint8Array(8));
    const rewritten: Rewrite[] = [];
    await client.rewrite({ prompts: [{ id: 'a', text: 'Hi' }], maxTokens: 4 }, (rewrite) => rewritten.push(rewrite));
    await expect.poll(() => rewritten).toEqual([{ id: 'a', text: 'Hi rewritten', isWhole: true }]);
    expect(workers).toHaveLength(1);
    client.restart();
  });

  test('can be started ahead of its first call, which then starts no other', async () => {
    const { workers, client } = bench(new FakeClient());
    client.start();
    expect(workers).toHaveLength(1);
    await client.release();
    expect(workers).toHaveLength(1);
    client.restart();
  });

  test('revives errors with their code and next step', async () => {
    const error = new LabError('format', 'header claims 10 GB', 'Fetch the file again.');
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the wire's form of an error is a plain object
    const { client } = bench({ exportDirections: () => Promise.reject(toWire(error)) });
    const caught: unknown = await client.exportDirections().catch((reason: unknown) => reason);
    expect(caught).toBeInstanceOf(LabError);
    expect(caught).toMatchObject({ code: 'format', message: error.message, nextStep: error.nextStep });
    client.restart();
  });

  test('an error that is none of ours becomes an internal one', async () => {
    const { client } = bench({ exportDirections: () => Promise.reject(new TypeError('x is undefined')) });
    await expect(client.exportDirections()).rejects.toMatchObject({ code: 'internal', message: 'x is undefined' });
    client.restart();
  });

  test('a crash rejects the calls under way, and the next call starts anew', async () => {
    const { workers, client } = bench(never);
    const waiting = client.exportDirections();
    workers[0]?.crash('out of memory');
    await expect(waiting).rejects.toMatchObject({
      code: 'device',
      message: 'The model worker crashed: out of memory.',
    });
    expect(workers[0]?.terminated).toBe(true);
    client.exportDirections().catch(() => undefined);
    expect(workers).toHaveLength(2);
    client.restart();
  });

  test('restart ends a worker that hangs', async () => {
    const { workers, client } = bench(never);
    const waiting = client.exportDirections();
    client.restart();
    await expect(waiting).rejects.toMatchObject({ code: 'device' });
    expect(workers[0]?.terminated).toBe(true);
  });
});
