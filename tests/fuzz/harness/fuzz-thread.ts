/** A thread that tries readers, so that one that never comes to an end can be stopped from outside. */
import { parentPort, workerData } from 'node:worker_threads';
import { TARGET_NAMES } from '../target-names.ts';
import { TARGETS } from '../targets.ts';
import { runTarget, type FuzzOptions, type TargetReport } from './run-target.ts';

export interface FuzzJob extends FuzzOptions {
  readonly name: string;
}

if (TARGETS.map(({ name }) => name).join() !== TARGET_NAMES.join())
  throw new Error('target-names.ts does not list all targets.');

const [run, since] = (workerData as { readonly shared: readonly [Int32Array, BigInt64Array] }).shared;

parentPort?.on('message', ({ name, ...options }: FuzzJob) => {
  const target = TARGETS.find((known) => known.name === name);
  if (target === undefined) throw new Error(`There is no target ${name}.`);
  const onInput = (index: number): void => {
    Atomics.store(run, 0, index);
    Atomics.store(since, 0, BigInt(Date.now()));
  };
  const failed = (error: unknown): TargetReport => ({
    ...{ name, runs: 0, seconds: 0, slowest: 0, read: 0 },
    faults: [
      {
        kind: 'crash',
        message: `of the fuzzer: ${String(error)}`,
        where: '',
        run: Atomics.load(run, 0),
        times: 1,
        input: '',
      },
    ],
  });
  void runTarget(target, options, onInput)
    .catch(failed)
    .then((report) => {
      Atomics.store(since, 0, 0n);
      parentPort?.postMessage(report);
    });
});
