import { CentroidAccumulator } from '../../src/core/linalg/centroids.ts';
import { checkDirection, meanDifference } from '../../src/core/probes/directions.ts';
import { POOLINGS, type Pooling } from '../../src/core/probes/pooling.ts';
import { norm } from '../../src/core/linalg/vectors.ts';
import { extractResiduals } from '../../src/engine/run/residuals.ts';
import { residPost } from '../../src/engine/run/residual-sites.ts';
import { writeDirectionFile } from '../../src/formats/study/direction-file.ts';
import {
  checkLayer,
  checkpointOptions,
  openFromOptions,
  type OpenedCheckpoint,
} from '../options/checkpoint-options.ts';
import type { Verb } from '../command.ts';
import { showProgress, writeOutput } from '../files/output.ts';
import { readPrompts } from '../options/prompt-options.ts';

export const direction: Verb = {
  name: 'direction',
  summary: 'compute a direction file: the mean harmful minus the mean safe activation at a layer',
  options: {
    ...checkpointOptions,
    harmful: { type: 'string', value: 'FILE.jsonl', help: 'harmful prompts', required: true },
    safe: { type: 'string', value: 'FILE.jsonl', help: 'safe prompts', required: true },
    layer: { type: 'string', value: 'L', help: 'the layer to read (the first is 0)', required: true },
    pool: { type: 'string', value: POOLINGS.join('|'), help: 'how to pool the positions of a prompt', default: 'last' },
    chat: { type: 'boolean', help: 'apply the model’s chat template to texts' },
    out: { type: 'string', value: 'FILE', help: 'output file (safetensors)', required: true },
  },
  async run(options) {
    const pooling = options.oneOf('pool', POOLINGS);
    const layer = options.count('layer');
    const checkpoint = await openFromOptions(options);
    checkLayer(layer, checkpoint.model.config.layers, checkpoint.label);
    const template = options.flag('chat') ? 'chat' : 'raw';
    const harmful = await readPrompts(options.text('harmful'), checkpoint, template);
    const safe = await readPrompts(options.text('safe'), checkpoint, template);
    const ofHarmful = await centroidOf(checkpoint, harmful.tokens, layer, pooling);
    const ofSafe = await centroidOf(checkpoint, safe.tokens, layer, pooling);
    const difference = meanDifference(ofHarmful, ofSafe);
    const of = `the prompts of ${options.text('harmful')} and ${options.text('safe')}`;
    checkDirection(difference, ofHarmful, ofSafe, { where: `${checkpoint.label}, layer ${layer}`, of });
    const metadata = {
      model: checkpoint.label,
      site: residPost(layer),
      pooling,
      template,
      harmful: String(harmful.ids.length),
      safe: String(safe.ids.length),
      norm: String(norm(difference)),
    };
    await writeOutput(options.text('out'), writeDirectionFile(Float32Array.from(difference), metadata));
  },
};

/** Mean activation [hidden] of prompts at a layer, accumulated in float64. */
async function centroidOf(
  { model }: OpenedCheckpoint,
  prompts: readonly (readonly number[])[],
  layer: number,
  pooling: Pooling,
): Promise<Float64Array> {
  const { hiddenSize } = model.config;
  const progress = showProgress('prompts');
  const pooled = await extractResiduals(model, { prompts, layers: [layer], pooling, onProgress: progress });
  const rows = pooled.get(layer) ?? new Float32Array();
  const centroid = new CentroidAccumulator(hiddenSize);
  for (let start = 0; start < rows.length; start += hiddenSize) centroid.add(rows.subarray(start, start + hiddenSize));
  return centroid.mean();
}
