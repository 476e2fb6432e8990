/** A thread that tries readers, so that one that never comes to an end can be stopped from outside. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FuzzTarget } from './target.ts';
import { runTarget, type FuzzOptions, type TargetReport } from './run-target.ts';

export interface FuzzJob extends FuzzOptions {
  readonly name: string;
}

interface ThreadData {
  readonly shared: readonly [run: Int32Array, since: BigInt64Array];
  readonly targets: string; // the file that lists them
}

const {
  shared: [run, since],
  targets,
} = workerData as ThreadData;
const { TARGETS } = (await import(targets)) as { readonly TARGETS: readonly FuzzTarget[] };

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
