import { describe, expect, test } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import { Lab } from '../../../../src/state/steer/open-model.svelte.ts';
import { Surroundings } from '../../../../src/state/page/device-and-ladder.svelte.ts';
import type { ModelRef } from '../../../../src/labs/models/checkpoint-ref.ts';
import {
  DEVICE,
  DIRECTIONS,
  FakeClient,
  INTERRUPTED,
  LADDER,
  last,
  modelSummary,
  settle,
  surroundings,
} from '../../../support/fake-steer-client.ts';

const builtIn = (revision: string): ModelRef => ({ kind: 'built-in', ladder: 'tiny-olmo3', revision });

function openedLab(): { client: FakeClient; lab: Lab } {
  const client = new FakeClient();
  return { client, lab: new Lab(client, surroundings()) };
}

describe('before anything is opened', () => {
  test('the ladder and the device are known, and no worker is started', async () => {
    const around = surroundings();
    const client = new FakeClient();
    const lab = new Lab(client, around);
    expect([lab.ladder, lab.device]).toEqual([null, null]);
    await around.load();
    expect(lab.ladder?.defaults.revision).toBe('Instruct');
    expect(lab.device?.auto).toBe('wasm');
    expect([lab.model.kind, lab.directions.kind]).toEqual(['idle', 'idle']);
    expect([client.starts, client.opens.length]).toEqual([0, 0]);
  });

  test('a ladder that cannot be read fails the opening, and a retry reads it anew', async () => {
    const error = new LabError('fetch', 'ladder.json could not be fetched', 'Check the network.');
    let isThere = false;
    const around = new Surroundings({
      device: () => Promise.resolve(DEVICE),
      builtInLadder: () => (isThere ? Promise.resolve(LADDER) : Promise.reject(error)),
    });
    const client = new FakeClient();
    const lab = new Lab(client, around);
    await lab.open({ kind: 'built-in', revision: null }, 'auto');
    expect(lab.model).toEqual({ kind: 'failed', error });
    isThere = true;
    void lab.retry();
    await settle();
    expect(last(client.opens).asked.source).toEqual(builtIn('Instruct'));
  });
});

describe('opening a checkpoint', () => {
  test('goes through loading, model, directions', async () => {
    const { client, lab } = openedLab();
    const opening = lab.open({ kind: 'built-in', revision: null }, 'auto');
    await settle();
    expect(last(client.opens).asked).toEqual({ source: builtIn('Instruct'), provider: 'auto' });
    const progress = { phase: 'download', done: 1, total: 2, unit: 'bytes', label: 'model.safetensors' } as const;
    last(client.opens).progress(progress);
    expect(lab.model).toEqual({ kind: 'loading', progress });
    last(client.opens).resolve(modelSummary('Instruct'));
    await settle();
    expect(lab.model.kind).toBe('ready');
    expect(lab.directions.kind).toBe('loading');
    last(client.extractions).resolve(DIRECTIONS);
    await opening;
    expect(lab.directions).toEqual({ kind: 'ready', value: DIRECTIONS });
  });

  test('drops what belongs to an older request', async () => {
    const { client, lab } = openedLab();
    void lab.open({ kind: 'built-in', revision: 'stage1-step0' }, 'auto');
    await settle();
    void lab.open({ kind: 'built-in', revision: 'Instruct' }, 'wasm');
    await settle();
    expect(client.interrupts).toBe(1);
    client.opens[0]?.resolve(modelSummary('stage1-step0'));
    await settle();
    expect(lab.model.kind).toBe('loading');
    client.opens[1]?.resolve(modelSummary('Instruct'));
    await settle();
    expect(lab.model).toMatchObject({ kind: 'ready', value: { source: builtIn('Instruct') } });
  });

  test('keeps the error, and opens the same again on retry', async () => {
    const { client, lab } = openedLab();
    void lab.open({ kind: 'built-in', revision: 'stage1-step0' }, 'webgpu');
    await settle();
    const error = new LabError('format', 'model.safetensors ends early', 'Fetch it again.');
    last(client.opens).reject(error);
    await settle();
    expect(lab.model).toEqual({ kind: 'failed', error });
    void lab.retry();
    await settle();
    expect(last(client.opens).asked).toEqual({ source: builtIn('stage1-step0'), provider: 'webgpu' });
  });

  test('cancelled directions are no error, and are computed when they are needed', async () => {
    const { client, lab } = openedLab();
    const opening = lab.open({ kind: 'built-in', revision: null }, 'auto');
    await settle();
    last(client.opens).resolve(modelSummary('Instruct'));
    await settle();
    await lab.cancelDirections();
    last(client.extractions).reject(INTERRUPTED);
    await opening;
    expect(lab.directions).toEqual({ kind: 'idle' });
    expect(await lab.whenOpen()).toBe(true); // an answer waits for the model alone
    await settle();
    expect(client.extractions).toHaveLength(2);
    last(client.extractions).resolve(DIRECTIONS);
    await settle();
    expect(lab.directions).toEqual({ kind: 'ready', value: DIRECTIONS });
  });

  test('a device that fails while directions are computed takes the model along, which a retry opens again', async () => {
    const { client, lab } = openedLab();
    const opening = lab.open({ kind: 'built-in', revision: null }, 'auto');
    await settle();
    last(client.opens).resolve(modelSummary('Instruct'));
    await settle();
    const error = new LabError('device', 'the GPU device was lost', 'Try again.');
    last(client.extractions).reject(error);
    await opening;
    expect(lab.model).toEqual({ kind: 'failed', error });
    void lab.retry();
    await settle();
    expect(client.opens).toHaveLength(2);
  });

  test('a worker that is no more takes the model along, whatever was asked of it', async () => {
    const { client, lab } = openedLab();
    const error = new LabError('device', 'The model worker ended unexpectedly.', 'Try again.');
    client.lose(error); // nothing was asked of it yet
    expect(lab.model).toEqual({ kind: 'idle' });
    void lab.open({ kind: 'built-in', revision: null }, 'auto');
    await settle();
    last(client.opens).resolve(modelSummary('Instruct'));
    await settle();
    client.lose(error);
    expect(lab.model).toEqual({ kind: 'failed', error });
    last(client.extractions).reject(error); // heard after it
    await settle();
    expect(lab.directions).toEqual({ kind: 'idle' });
  });

  test('is not ready when it failed', async () => {
    const { client, lab } = openedLab();
    void lab.open({ kind: 'built-in', revision: null }, 'auto');
    const waiting = lab.whenOpen();
    await settle();
    last(client.opens).reject(new LabError('fetch', 'no such file', 'Choose another.'));
    expect(await waiting).toBe(false);
  });

  test('a stored model gets a worker of its own, and so does what comes after it', async () => {
    const { client, lab } = openedLab();
    void lab.open({ kind: 'built-in', revision: null }, 'auto');
    await settle();
    void lab.open({ kind: 'saved', name: 'mine.q4-32' }, 'auto');
    await settle();
    expect(client.restarts).toBe(1);
    expect(last(client.opens).asked.source).toEqual({ kind: 'saved', name: 'mine.q4-32' });
    expect(lab.stored).toBe('mine.q4-32');
    void lab.open({ kind: 'built-in', revision: 'Instruct' }, 'auto');
    await settle();
    expect(client.restarts).toBe(2);
    void lab.open({ kind: 'built-in', revision: 'stage1-step0' }, 'auto');
    await settle();
    expect(client.restarts).toBe(2);
    expect(lab.stored).toBeNull();
  });
});
