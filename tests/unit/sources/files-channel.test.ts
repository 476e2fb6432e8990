import { afterEach, describe, expect, it } from 'vitest';
import { LabError } from '../../../src/core/errors.ts';
import type { CheckpointFiles } from '../../../src/engine/checkpoint/checkpoint-files.ts';
import { channelFiles, serveFiles } from '../../../src/sources/files-channel.ts';
import { memoryFiles } from '../../support/checkpoint-fixtures.ts';

let close = (): void => undefined;
afterEach(() => close());

/** The files as the other end of a channel sees them. */
function acrossChannel(files: CheckpointFiles): CheckpointFiles {
  const { port1, port2 } = new MessageChannel();
  close = () => port1.close();
  serveFiles(files, port1);
  return channelFiles(files.label, port2);
}

describe('files across a channel', () => {
  it('are the files of the other side', async () => {
    const files = acrossChannel(memoryFiles({ 'a.bin': Uint8Array.of(1, 2, 3, 4), 'b.txt': 'text' }, 'far'));
    expect(files.label).toBe('far');
    const [a, b] = await Promise.all([files.open('a.bin'), files.open('b.txt')]);
    expect(a).toMatchObject({ name: 'a.bin', byteLength: 4 });
    const slices = await Promise.all([a?.slice(1, 3), b?.slice(0, 4), a?.slice(0, 1)]);
    expect(slices.map((bytes) => [...(bytes ?? [])])).toEqual([[2, 3], [116, 101, 120, 116], [1]]);
    expect(await files.open('c')).toBeNull();
  });

  it('send part of a larger memory without giving that memory away', async () => {
    const whole = Uint8Array.of(1, 2, 3, 4);
    const source = {
      name: 'a',
      byteLength: 4,
      slice: (start: number, end: number) => Promise.resolve(whole.subarray(start, end)),
    };
    const files = acrossChannel({ label: 'far', open: () => Promise.resolve(source) });
    const a = await files.open('a');
    expect([...((await a?.slice(1, 2)) ?? [])]).toEqual([2]);
    expect([...((await a?.slice(2, 4)) ?? [])]).toEqual([3, 4]);
    expect(whole.length).toBe(4);
  });

  it('fail as they fail there, and can be asked again', async () => {
    let failures = 0;
    const near = memoryFiles({ 'a.bin': Uint8Array.of(1) });
    const files = acrossChannel({
      label: 'far',
      open: (file) =>
        failures++ === 0
          ? Promise.reject(new LabError('fetch', 'the server answered 503.', 'Try again.'))
          : near.open(file),
    });
    const failure = { name: 'LabError', code: 'fetch', message: 'the server answered 503.', nextStep: 'Try again.' };
    await expect(files.open('a.bin')).rejects.toMatchObject(failure);
    expect((await files.open('a.bin'))?.byteLength).toBe(1);
  });
});
