/** Weights that hold an output of their own, beside a config.json that ties the output to the embeddings. */
import { describe, expect, it } from 'vitest';
import { convertCheckpoint } from '../../../../src/engine/convert/convert.ts';
import { StreamedCheckpoint } from '../../../../src/engine/streamed/streamed-checkpoint.ts';
import type { CheckpointFiles } from '../../../../src/engine/checkpoint/checkpoint-files.ts';
import { writeSafetensors, type Float32Tensor } from '../../../../src/formats/bytes/safetensors.ts';
import {
  MADE_UP_CONFIG,
  madeUpFiles,
  madeUpTensors,
  memoryFiles,
  openModel,
} from '../../../support/checkpoint-fixtures.ts';
import { CrashingFolder } from '../../../support/crashing-folder.ts';

const TIED = JSON.stringify({ ...MADE_UP_CONFIG, tie_word_embeddings: true });

function tied(head: (embeddings: Float32Tensor) => Float32Tensor | null, config = TIED): CheckpointFiles {
  const { 'lm_head.weight': own, ...others } = madeUpTensors();
  const embeddings = others['model.embed_tokens.weight'];
  const changed = embeddings === undefined ? own : head(embeddings);
  const tensors = changed === null || changed === undefined ? others : { ...others, 'lm_head.weight': changed };
  return memoryFiles({ ...madeUpFiles(), 'config.json': config, 'model.safetensors': writeSafetensors(tensors) });
}

const otherIn =
  (place: number) =>
  ({ shape, data }: Float32Tensor): Float32Tensor => ({
    shape,
    data: data.map((value, index) => (index === place ? value + 1 : value)),
  });
const convert = (files: CheckpointFiles): Promise<unknown> =>
  convertCheckpoint(files, { precision: 'q8' }, new CrashingFolder());

describe('an output beside tied embeddings', () => {
  const refused = {
    code: 'config',
    message: expect.stringContaining('hold a different lm_head.weight') as string,
    nextStep: expect.stringContaining('tie_word_embeddings') as string,
  };

  it.each([
    ['in its first number', otherIn(0)],
    ['in its last one', otherIn(300 * 32 - 1)],
    ['in its shape', ({ data }: Float32Tensor): Float32Tensor => ({ shape: [150, 64], data })],
  ])('is refused where it differs %s', async (_, head) => {
    await expect(openModel(tied(head))).rejects.toMatchObject(refused);
    await expect(convert(tied(head))).rejects.toMatchObject(refused);
  });

  it('is fine where it is a copy, is not there, or is what runs', async () => {
    for (const files of [tied((same) => same), tied(() => null), tied(otherIn(0), JSON.stringify(MADE_UP_CONFIG))]) {
      const model = await openModel(files);
      await model.dispose();
      await expect(convert(files)).resolves.toBeDefined();
    }
  });

  it('is of no account to what reads no output', async () => {
    await expect(StreamedCheckpoint.open(tied(otherIn(0)))).resolves.toBeDefined();
  });
});
