import { POOLINGS } from '../../src/core/pooling.ts';
import { extractResiduals } from '../../src/engine/residuals.ts';
import { residPost } from '../../src/engine/residual-sites.ts';
import { writeSafetensors } from '../../src/formats/safetensors.ts';
import { checkLayer, checkpointOptions, openFromOptions } from '../checkpoints.ts';
import { UsageError, type Verb } from '../command.ts';
import { showProgress, writeOutput } from '../output.ts';
import { readPrompts } from '../prompts.ts';

export const residuals: Verb = {
  name: 'residuals',
  summary: 'pooled residual activations of prompts, as safetensors resid_post.<layer> [prompts, hidden]',
  options: {
    ...checkpointOptions,
    prompts: { type: 'string', value: 'FILE.jsonl', help: 'rows {"id", "text"} or {"id", "ids"}', required: true },
    layers: { type: 'string', value: 'all|0,3,7', help: 'layers to read', default: 'all' },
    pool: { type: 'string', value: POOLINGS.join('|'), help: 'how positions become one activation', default: 'last' },
    chat: { type: 'boolean', help: 'give texts to the model through its chat template' },
    out: { type: 'string', value: 'FILE', help: 'the safetensors file to write', required: true },
  },
  async run(options) {
    const pooling = options.oneOf('pool', POOLINGS);
    const wanted = parseLayers(options.text('layers'));
    const checkpoint = await openFromOptions(options);
    const { layers: count, hiddenSize } = checkpoint.model.config;
    const layers = wanted ?? Array.from({ length: count }, (_, layer) => layer);
    for (const layer of layers) checkLayer(layer, count, checkpoint.label);
    const prompts = await readPrompts(options.text('prompts'), checkpoint, options.flag('chat') ? 'chat' : 'raw');
    const pooled = await extractResiduals(checkpoint.model, {
      prompts: prompts.tokens,
      layers,
      pooling,
      onProgress: showProgress('prompts'),
    });
    const shape = [prompts.tokens.length, hiddenSize];
    const tensors = [...pooled].map(([layer, data]) => [residPost(layer), { shape, data }] as const);
    const metadata = { ids: JSON.stringify(prompts.ids), checkpoint: checkpoint.label, pooling };
    await writeOutput(options.text('out'), writeSafetensors(Object.fromEntries(tensors), metadata));
  },
};

/** `all` (null) or a list of layer numbers, each once. */
function parseLayers(text: string): number[] | null {
  if (text === 'all') return null;
  const layers = text.split(',').map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : NaN));
  if (layers.some(Number.isNaN)) throw new UsageError(`--layers must be "all" or numbers like 0,3,7, not "${text}"`);
  return [...new Set(layers)];
}
