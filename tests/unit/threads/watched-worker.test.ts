import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LabError } from '../../../src/core/errors.ts';
import { PING_EVERY_MS, SILENCE_MS, WatchedWorker } from '../../../src/threads/watched-worker.ts';
import { FakeWorker } from '../../support/fake-worker.ts';

const NAME = { name: 'The study worker', nextStep: 'Press Resume.' };
const MARGIN_MS = 2 * PING_EVERY_MS;

/** Locks that the test sets free by hand. */
class FakeLocks {
  readonly waiting = new Map<string, () => void>();
  request = (name: string, { signal }: { signal: AbortSignal }, got: () => void): Promise<void> =>
    new Promise((resolve, reject) => {
      this.waiting.set(name, () => {
        got();
        resolve();
      });
      signal.addEventListener('abort', () => {
        this.waiting.delete(name);
        reject(new DOMException('withdrawn', 'AbortError'));
      });
    });
}

let locks: FakeLocks;
let worker: FakeWorker;
let watched: WatchedWorker;

beforeEach(() => {
  vi.useFakeTimers();
  locks = new FakeLocks();
  vi.stubGlobal('navigator', { locks });
  worker = new FakeWorker();
  watched = new WatchedWorker(() => worker, NAME);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** How a job that never ends by itself ends. */
function outcome(doing: string | null = 'running the study'): { error: LabError | null } {
  const seen: { error: LabError | null } = { error: null };
  watched.during(new Promise(() => undefined), doing).catch((error: unknown) => (seen.error = error as LabError));
  return seen;
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('a worker that lives', () => {
  test('is pinged while something is asked of it, and not otherwise', async () => {
    await pass(10 * PING_EVERY_MS);
    expect(worker.pings).toBe(0);
    let finish: (value: string) => void = () => undefined;
    const job = watched.during(new Promise<string>((resolve) => (finish = resolve)));
    await pass(3 * PING_EVERY_MS);
    expect(worker.pings).toBe(4);
    finish('done');
    expect(await job).toBe('done');
    await pass(10 * PING_EVERY_MS);
    expect(worker.pings).toBe(4);
  });

  test('may work for days', async () => {
    worker.tell({ harmscope: 'alive' });
    const seen = outcome();
    await pass(48 * 3600_000);
    expect(seen.error).toBeNull();
    expect(worker.terminated).toBe(false);
  });

  test('that cannot answer is given time by what it said it would do, and then asked again', async () => {
    worker.tell({ harmscope: 'alive' });
    const seen = outcome();
    worker.hangIn({ kind: 'model', of: '' }); // a run on WASM
    await pass(SILENCE_MS.model - MARGIN_MS);
    expect(seen.error).toBeNull();
    worker.hangs = false;
    worker.tell({ harmscope: 'pong' }); // the run is over
    await pass(SILENCE_MS.model);
    expect(seen.error).toBeNull();
  });

  test('shows life from inside of a loop by telling again what it does', async () => {
    worker.tell({ harmscope: 'alive' });
    const seen = outcome();
    worker.hangs = true;
    for (let told = 0; told < 10; told++) {
      worker.tell({ harmscope: 'activity', activity: { kind: 'tokenizer', of: 'a' } });
      await pass(SILENCE_MS.tokenizer - MARGIN_MS);
    }
    expect(seen.error).toBeNull();
  });

  test('is not blamed for the time that the machine slept', async () => {
    worker.tell({ harmscope: 'alive' });
    const seen = outcome();
    await pass(PING_EVERY_MS);
    worker.hangs = true;
    const now = performance.now();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(now + 8 * 3600_000); // a night
    await pass(PING_EVERY_MS);
    await pass(PING_EVERY_MS);
    expect(seen.error).toBeNull();
    clock.mockRestore();
  });
});

describe('a worker that hangs', () => {
  test('is told of while it hangs, and no longer once it answers or is no more', async () => {
    const heard: number[] = [];
    const own = new FakeWorker();
    const hung = new WatchedWorker(
      () => own,
      NAME,
      (ms) => heard.push(ms),
    );
    own.tell({ harmscope: 'alive' });
    hung.during(new Promise(() => undefined)).catch(() => undefined);
    await pass(4 * PING_EVERY_MS);
    expect(heard).toEqual([]);
    own.hangs = true;
    await pass(4 * PING_EVERY_MS);
    expect(heard.at(-1)).toBeGreaterThanOrEqual(3 * PING_EVERY_MS);
    own.hangs = false;
    own.tell({ harmscope: 'pong' });
    expect(heard.at(-1)).toBe(0);
    own.hangs = true;
    await pass(4 * PING_EVERY_MS);
    expect(heard.at(-1)).toBeGreaterThan(0);
    hung.end(new LabError('device', 'It was ended.', 'Start again.'));
    expect(heard.at(-1)).toBe(0);
  });

  test.each([
    [{ kind: 'session', of: '' }, 'device', 'The study worker stopped answering while compiling the model'],
    [{ kind: 'model', of: '' }, 'device', 'The study worker stopped answering while running the model'],
    [null, 'device', 'The study worker stopped answering while running the study'],
    [{ kind: 'tokenizer', of: 'a/b@main' }, 'config', 'This checkpoint’s tokenizer (or chat template) takes too long: that of a/b@main'], // prettier-ignore
  ] as const)('in %j is ended in time, and what is asked of it rejects', async (activity, code, message) => {
    worker.tell({ harmscope: 'alive' });
    const seen = outcome();
    worker.hangIn(activity);
    await pass(SILENCE_MS[activity?.kind ?? 'other'] - MARGIN_MS);
    expect(seen.error).toBeNull();
    await pass(2 * MARGIN_MS);
    expect(seen.error).toMatchObject({ code });
    expect(seen.error?.message).toContain(message);
    expect([worker.terminated, watched.isOver]).toEqual([true, true]);
  });

  test('cuts the name of what it was at', async () => {
    worker.tell({ harmscope: 'alive' });
    const seen = outcome();
    worker.hangIn({ kind: 'tokenizer', of: 'x'.repeat(5000) });
    await pass(SILENCE_MS.tokenizer + 2 * MARGIN_MS);
    expect(seen.error?.message.length).toBeLessThan(300);
  });

  test('before its script has arrived could not be started', async () => {
    worker.hangs = true; // a network that stalls
    const seen = outcome();
    await pass(SILENCE_MS.starting - MARGIN_MS);
    expect(seen.error).toBeNull();
    await pass(2 * MARGIN_MS);
    expect(seen.error?.message).toBe('The study worker could not be started: its script did not load in time.');
  });
});

describe('a worker that dies', () => {
  test('without a word shows by the lock that it held', async () => {
    worker.tell({ harmscope: 'alive' });
    worker.tell({ harmscope: 'lock', name: 'its own' });
    const seen = outcome('converting a checkpoint');
    await pass(1);
    expect(seen.error).toBeNull();
    locks.waiting.get('its own')?.();
    await pass(1);
    expect(seen.error).toMatchObject({
      code: 'device',
      message: 'The study worker ended unexpectedly while converting a checkpoint.',
      nextStep: 'Press Resume.',
    });
  });

  test('while nothing is asked of it is known to be over', async () => {
    worker.tell({ harmscope: 'lock', name: 'its own' });
    locks.waiting.get('its own')?.();
    await pass(1);
    expect(watched.isOver).toBe(true);
    await expect(watched.during(Promise.resolve(new Promise(() => undefined)))).rejects.toMatchObject({
      code: 'device',
    });
  });

  test('of an uncaught error names it, and takes nobody with it', async () => {
    worker.tell({ harmscope: 'alive' });
    const seen = outcome();
    const event = worker.fail('out of memory');
    await pass(1);
    expect(seen.error?.message).toBe('The study worker crashed while running the study: out of memory.');
    expect(event.defaultPrevented).toBe(true);
  });

  test.each([
    [undefined, 'its script could not be loaded'],
    ['x is not defined', 'x is not defined'],
  ])('at its start, of %s, could not be started', async (message, reason) => {
    worker.hangs = true;
    const seen = outcome();
    worker.fail(message);
    await pass(1);
    expect(seen.error?.message).toBe(`The study worker could not be started: ${reason}.`);
    expect(seen.error?.nextStep).toContain('try again');
  });

  test('by an answer that cannot be read', async () => {
    worker.tell({ harmscope: 'alive' });
    const seen = outcome();
    worker.dispatchEvent(new MessageEvent('messageerror'));
    await pass(1);
    expect(seen.error?.message).toContain('its answer could not be read');
  });

  test('on purpose gives its lock up, and the reason to what is asked of it', async () => {
    worker.tell({ harmscope: 'lock', name: 'its own' });
    const seen = outcome();
    const reason = new LabError('interrupted', 'stopped', 'Start again.');
    watched.end(reason);
    await pass(1);
    expect(seen.error).toBe(reason);
    expect(locks.waiting.size).toBe(0);
    watched.end(new LabError('device', 'crashed', 'Start again.')); // the first reason stands
    await expect(watched.ended).rejects.toBe(reason);
  });
});

test('a browser that starts no worker says why', () => {
  const refuse = (): Worker => {
    throw new DOMException('Refused by a policy', 'SecurityError');
  };
  expect(() => new WatchedWorker(refuse, NAME)).toThrow('The study worker could not be started: Refused by a policy.');
});

test('where there are no locks, silence tells', async () => {
  vi.stubGlobal('navigator', {});
  worker.tell({ harmscope: 'lock', name: 'its own' });
  const seen = outcome();
  worker.hangIn(null);
  await pass(SILENCE_MS.other + 2 * MARGIN_MS);
  expect(seen.error?.code).toBe('device');
});
