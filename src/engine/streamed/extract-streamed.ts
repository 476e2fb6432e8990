/**
 * Exact residuals of a checkpoint of any size: all prompts go through one layer in full precision, then through the next, with half a
 * layer's weights in memory and the next half's bytes on their way. What lies past the last layer asked for is never fetched.
 */
import type { StreamedOptions, StreamedRequest } from './streamed-request.ts';
import { LabError } from '../../core/errors.ts';
import type { CheckpointFiles } from '../checkpoint/checkpoint-files.ts';
import type { Runtime } from '../device/runtime.ts';
import { StreamedCheckpoint } from './streamed-checkpoint.ts';
import { StreamedRun } from './streamed-run.ts';

/**
 * layer → [prompts, hidden], row-major, in the prompts' order: what `extractResiduals` gives, up to rounding. Throws `interrupted`
 * where the signal fires, within one run; other errors name the file and the tensor.
 */
export async function extractStreamed(
  files: CheckpointFiles | StreamedCheckpoint,
  runtime: Runtime,
  request: StreamedRequest,
  options: StreamedOptions = {},
): Promise<ReadonlyMap<number, Float32Array>> {
  const checkpoint = files instanceof StreamedCheckpoint ? files : await StreamedCheckpoint.open(files);
  if (request.precision === 'float16' && runtime.gpu?.features.has('shader-f16') === false) {
    const problem = 'This GPU has no 16-bit floats (shader-f16).';
    throw new LabError('device', problem, 'Extract in float32.');
  }
  const run = await StreamedRun.begin(checkpoint, runtime, request, options);
  try {
    return await run.finish();
  } finally {
    await run.dispose();
  }
}
