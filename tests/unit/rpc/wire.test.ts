import { describe, expect, test } from 'vitest';
import { LabError } from '../../../src/core/errors.ts';
import { connect, type Client } from '../../../src/rpc/connect.ts';
import { exposeMethods } from '../../../src/rpc/serve.ts';
import type { Rewrite } from '../../../src/labs/steer/rewrite-prompts.ts';
import type { SteerLab } from '../../../src/labs/steer/steer-lab.ts';
import { FakeClient } from '../../support/fake-steer-client.ts';

/** A worker's outside, with its inside on the other end of a channel in this thread. */
class ChannelWorker extends EventTarget implements Worker {
  readonly #channel = new MessageChannel();
  terminated = false;
  onmessage = null;
  onmessageerror = null;
  onerror = null;

  constructor(api: object) {
    super();
    exposeMethods([api], this.#channel.port2);
    this.#channel.port2.start();
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

function bench(api: object): { workers: ChannelWorker[]; client: Client<SteerLab> } {
  const workers: ChannelWorker[] = [];
  const client = connect<SteerLab>({
    start: () => {
      const worker = new ChannelWorker(api);
      workers.push(worker);
      return worker;
    },
    thread: { name: 'The model worker', nextStep: 'Load the model again.' },
  });
  return { workers, client };
}

const never = { exportDirections: () => new Promise(() => undefined) };

describe('the wire', () => {
  test('starts one worker, at the first call', async () => {
    const { workers, client } = bench(new FakeClient());
    expect(workers).toHaveLength(0);
    expect(await client.exportDirections()).toEqual(new Uint8Array(8));
    const rewritten: Rewrite[] = [];
    await client.rewrite({ prompts: [{ id: 'a', text: 'Hi' }], maxTokens: 4 }, (rewrite) => rewritten.push(rewrite));
    await expect.poll(() => rewritten).toEqual([{ id: 'a', text: 'Hi rewritten', isWhole: true }]);
    expect(workers).toHaveLength(1);
    client.endWorker();
  });

  test('can be started ahead of its first call, which then starts no other', async () => {
    const { workers, client } = bench(new FakeClient());
    client.startWorker();
    expect(workers).toHaveLength(1);
    await client.release();
    expect(workers).toHaveLength(1);
    client.endWorker();
  });

  test('revives errors with their code and next step', async () => {
    const error = new LabError('format', 'header claims 10 GB', 'Download the file again.');
    const { client } = bench({ exportDirections: () => Promise.reject(error) });
    const caught: unknown = await client.exportDirections().catch((reason: unknown) => reason);
    expect(caught).toBeInstanceOf(LabError);
    expect(caught).toMatchObject({ code: 'format', message: error.message, nextStep: error.nextStep });
    client.endWorker();
  });

  test('an error that is none of ours becomes an internal one', async () => {
    const { client } = bench({ exportDirections: () => Promise.reject(new TypeError('x is undefined')) });
    await expect(client.exportDirections()).rejects.toMatchObject({ code: 'internal', message: 'x is undefined' });
    client.endWorker();
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
    client.endWorker();
  });

  test('endWorker ends a worker that hangs', async () => {
    const { workers, client } = bench(never);
    const waiting = client.exportDirections();
    client.endWorker();
    await expect(waiting).rejects.toMatchObject({ code: 'device' });
    expect(workers[0]?.terminated).toBe(true);
  });

  test('carries a method that is not a promise, and one that throws at once', async () => {
    const { client } = bench({
      exportDirections: () => new Uint8Array(2),
      release: () => {
        throw new LabError('storage', 'The disk is full.', 'Free some space.');
      },
    });
    expect(await client.exportDirections()).toEqual(new Uint8Array(2));
    await expect(client.release()).rejects.toMatchObject({ code: 'storage', nextStep: 'Free some space.' });
    client.endWorker();
  });

  test('an error of a callback reaches the worker whole', async () => {
    const caught = new Promise<unknown>((resolve) => {
      const { client } = bench({
        answer: async (_: unknown, onBatch: (batch: unknown) => Promise<void>) => {
          await onBatch(1).catch(resolve);
        },
      });
      const refuse = (): never => {
        throw new LabError('bad-request', 'The page is closed.', 'Open it.');
      };
      void client.answer({} as never, refuse);
    });
    expect(await caught).toMatchObject({ code: 'bad-request', nextStep: 'Open it.' });
  });

  test('a method that the worker lacks is named', async () => {
    const { client } = bench({});
    await expect(client.release()).rejects.toMatchObject({
      code: 'internal',
      message: 'This worker has no method release.',
    });
    client.endWorker();
  });

  test('is no promise itself, so it can be awaited', async () => {
    const { client } = bench({});
    expect(await Promise.resolve(client)).toBe(client);
  });
});
