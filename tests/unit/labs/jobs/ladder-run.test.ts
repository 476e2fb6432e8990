import { describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import { runLadder, type LadderEvent } from '../../../../src/labs/jobs/ladder-run.ts';
import { PauseGate } from '../../../../src/labs/jobs/pause-gate.ts';

const gateOf = (): PauseGate => new PauseGate(() => new LabError('interrupted', 'Stopped.', 'Start again.'));
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

async function collect<T>(events: AsyncIterable<T>, into: T[]): Promise<T[]> {
  for await (const event of events) into.push(event);
  return into;
}

describe('a run of a ladder', () => {
  it('yields progress, then the checkpoint, in order', async () => {
    const work = async (index: number, _: number, report: (progress: string) => void): Promise<void> => {
      report(`${index} begins`);
      await turn();
      report(`${index} ends`);
    };
    const events = await collect(runLadder<string>({ checkpoints: [3, 5], lanes: 1, gate: gateOf(), work }), []);
    expect(events).toEqual([
      { kind: 'progress', index: 3, progress: '3 begins' },
      { kind: 'progress', index: 3, progress: '3 ends' },
      { kind: 'checkpoint', index: 3 },
      { kind: 'progress', index: 5, progress: '5 begins' },
      { kind: 'progress', index: 5, progress: '5 ends' },
      { kind: 'checkpoint', index: 5 },
    ]);
  });

  it('leaves out a checkpoint at fault and continues', async () => {
    const fault = new LabError('format', 'Damaged.', 'Fetch it again.');
    const work = (index: number): Promise<void> => (index === 1 ? Promise.reject(fault) : Promise.resolve());
    const events = await collect(runLadder({ checkpoints: [0, 1, 2], lanes: 1, gate: gateOf(), work }), []);
    expect(events).toEqual([
      { kind: 'checkpoint', index: 0 },
      { kind: 'left out', index: 1, error: fault },
      { kind: 'checkpoint', index: 2 },
    ]);
  });

  it('ends with any other error, which stops the other lanes', async () => {
    const gate = gateOf();
    const begun: number[] = [];
    const work = async (index: number): Promise<void> => {
      begun.push(index);
      if (index === 1) throw new LabError('storage', 'The disk is full.', 'Free some space.');
      await new Promise<void>((resolve) => gate.signal.addEventListener('abort', () => resolve()));
    };
    const run = collect(runLadder({ checkpoints: [0, 1, 2, 3], lanes: 2, gate, work }), []);
    await expect(run).rejects.toMatchObject({ code: 'storage' });
    expect(begun).toEqual([0, 1]);
  });

  it('begins no checkpoint while it is paused, and none after a stop', async () => {
    const gate = gateOf();
    const events: LadderEvent<never>[] = [];
    const work = async (index: number): Promise<void> => {
      if (index === 0) gate.pause();
      else await turn();
    };
    const run = collect(runLadder<never>({ checkpoints: [0, 1, 2], lanes: 1, gate, work }), events);
    await turn();
    await turn();
    expect(events).toEqual([{ kind: 'checkpoint', index: 0 }]);
    gate.resume();
    await turn();
    gate.stop();
    await expect(run).rejects.toMatchObject({ code: 'interrupted' });
    expect(events.length).toBeLessThan(3);
  });

  it('stops when nobody listens any more', async () => {
    const gate = gateOf();
    const begun: number[] = [];
    const work = async (index: number): Promise<void> => {
      begun.push(index);
      await turn();
    };
    for await (const event of runLadder({ checkpoints: [0, 1, 2], lanes: 1, gate, work })) {
      expect(event).toMatchObject({ kind: 'checkpoint', index: 0 });
      break;
    }
    expect(gate.isStopped).toBe(true);
    expect(begun.length).toBeLessThan(3);
  });
});
