import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { connect, STOP_MS, type Client, type WorkerOptions } from '../../../src/rpc/connect.ts';
import { asLabError, type LabError } from '../../../src/core/errors.ts';
import { FakeWorker } from '../../support/fake-worker.ts';

interface Api {
  convert(): Promise<string>;
  look(): Promise<string>;
  interrupt(): Promise<void>;
}

const NAME = { name: 'The library worker', nextStep: 'Start again.' };
const OPTIONS: Omit<WorkerOptions<Api>, 'start'> = {
  thread: NAME,
  tasks: { convert: { doing: 'converting a checkpoint', queued: true }, look: { doing: 'looking' } },
  stops: ['interrupt'],
};
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

let workers: FakeWorker[];
let lost: LabError[];
let client: Client<Api>;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('navigator', {});
  [workers, lost] = [[], []];
  const start = (): Worker => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  };
  client = connect<Api>({ ...OPTIONS, start });
  client.onWorkerLost((error) => lost.push(error));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const convert = (): Promise<string> => client.convert().catch((error: unknown) => asLabError(error).code);
const look = (): Promise<string> => client.look().catch((error: unknown) => asLabError(error).code);
const stop = (): Promise<void> => client.interrupt();

describe('a stop', () => {
  test('of a worker that stops leaves it alone', async () => {
    const job = convert();
    const stopping = stop();
    await pass(10);
    workers[0]?.answer('interrupt');
    workers[0]?.answer('convert', 'half');
    await stopping;
    expect(await job).toBe('half');
    void look();
    await pass(2 * STOP_MS);
    expect(workers.map(({ terminated }) => terminated)).toEqual([false]);
  });

  test('ends a worker that hangs, and what it was to stop is interrupted', async () => {
    const job = convert();
    const looking = look();
    const stopping = stop();
    await pass(STOP_MS - 1);
    expect(workers[0]?.terminated).toBe(false);
    await pass(1);
    await stopping;
    expect(await job).toBe('interrupted');
    expect(await looking).toBe('interrupted');
    expect(workers[0]?.terminated).toBe(true);
    void convert();
    expect(workers).toHaveLength(2);
    expect(lost).toMatchObject([{ code: 'interrupted' }]);
  });

  test('ends a worker that answers and does not stop', async () => {
    const job = convert();
    void stop();
    await pass(10);
    workers[0]?.answer('interrupt');
    await pass(STOP_MS);
    expect(await job).toBe('interrupted');
  });

  test('does not wait for jobs behind the one that it reached', async () => {
    const first = convert();
    void convert();
    void stop();
    await pass(10);
    workers[0]?.answer('interrupt');
    workers[0]?.answer('convert', 'half');
    expect(await first).toBe('half');
    void convert(); // asked for after the stop
    await pass(3 * STOP_MS);
    expect(workers[0]?.terminated).toBe(false);
  });

  test('that the worker refuses says so', async () => {
    const refused = expect(client.interrupt()).rejects.toMatchObject({ code: 'internal', message: 'no' });
    workers[0]?.refuse('interrupt', new TypeError('no'));
    await refused;
    await pass(STOP_MS);
    expect(workers[0]?.terminated).toBe(false);
  });
});

describe('a worker that cannot be constructed', () => {
  test('is an error of the call, not of the start ahead of it, and is tried again', async () => {
    let blocked = true;
    const other = connect<Api>({
      ...OPTIONS,
      start: () => {
        if (blocked) throw new DOMException('Refused by a policy', 'SecurityError');
        return new FakeWorker();
      },
    });
    other.startWorker();
    const looked = other.look();
    await expect(looked).rejects.toMatchObject({
      code: 'device',
      nextStep: expect.stringContaining('try again') as string,
    });
    await expect(other.interrupt()).rejects.toMatchObject({ code: 'device' });
    blocked = false;
    const again = other.look();
    other.endWorker();
    await expect(again).rejects.toMatchObject({ message: 'The library worker was ended.' });
  });
});

test('ending the worker is not a loss, a crash is', async () => {
  void look();
  client.endWorker();
  await pass(1);
  expect(lost).toEqual([]);
  const job = convert();
  workers[1]?.tell({ harmscope: 'alive' });
  workers[1]?.fail('out of memory');
  expect(await job).toBe('device');
  expect(lost.map(({ message }) => message)).toEqual([
    'The library worker crashed while converting a checkpoint: out of memory.',
  ]);
});
