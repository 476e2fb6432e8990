import type { CheckpointFiles } from '../checkpoint/checkpoint-files.ts';
import type { WeightLayout } from '../graph/builder.ts';
import type { Precision } from '../graph/precisions.ts';
import { sha256 } from './digests.ts';
import type { ShardPlan } from './plan.ts';

const SAMPLE_BYTES = 4096; // of the first tensor of each file: two steps of one training differ in nothing else

/** A digest of the checkpoint and of how it is to be converted: the same where bytes written before are of use. */
export async function identityOf(
  files: CheckpointFiles,
  config: unknown,
  precision: Precision,
  layout: WeightLayout,
  shards: readonly ShardPlan[],
): Promise<string> {
  const described = await Promise.all(
    shards.map(async ({ file, source, jobs }) => {
      const start = jobs[0]?.entry.start ?? 0;
      const sample = await source.slice(start, Math.min(start + SAMPLE_BYTES, source.byteLength));
      return [file, source.byteLength, files.sha256Of?.(file) ?? null, await sha256(sample)];
    }),
  );
  return sha256(new TextEncoder().encode(JSON.stringify([1, config, precision, layout, described])));
}
