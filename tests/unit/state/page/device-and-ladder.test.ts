import { describe, expect, test } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import { ReadOnce } from '../../../../src/state/page/read-once.svelte.ts';
import { Surroundings } from '../../../../src/state/page/device-and-ladder.svelte.ts';
import { DEVICE, LADDER } from '../../../support/fake-steer-client.ts';

const ERROR = new LabError('fetch', 'ladder.json could not be fetched', 'Check the network.');

describe('what is read once', () => {
  test('is asked for once, by however many', async () => {
    let asked = 0;
    const one = new ReadOnce(() => Promise.resolve(++asked));
    expect(one.state.kind).toBe('idle');
    const reading = Promise.all([one.read(), one.read()]);
    expect(one.state.kind).toBe('loading');
    expect(await reading).toEqual([1, 1]);
    expect(await one.read()).toBe(1);
    expect(one.state).toEqual({ kind: 'ready', value: 1 });
  });

  test('is asked for again where it failed', async () => {
    let asked = 0;
    const one = new ReadOnce(() => (++asked === 1 ? Promise.reject(ERROR) : Promise.resolve(asked)));
    await expect(one.read()).rejects.toBe(ERROR);
    expect(one.state).toEqual({ kind: 'failed', error: ERROR });
    expect(await one.read()).toBe(2);
  });
});

describe('the surroundings', () => {
  test('load reads again only what failed, and rejects never', async () => {
    const asked = { device: 0, ladder: 0 };
    const around = new Surroundings({
      device: () => Promise.resolve({ ...DEVICE, wasmThreads: ++asked.device }),
      builtInLadder: (id) => {
        expect(id).toBe('tiny-olmo3');
        return ++asked.ladder === 1 ? Promise.reject(ERROR) : Promise.resolve(LADDER);
      },
    });
    await around.load();
    expect(around.device.state.kind).toBe('ready');
    expect(around.ladder.state).toEqual({ kind: 'failed', error: ERROR });
    await around.load();
    expect(around.ladder.state).toEqual({ kind: 'ready', value: LADDER });
    expect(asked).toEqual({ device: 1, ladder: 2 });
  });
});
