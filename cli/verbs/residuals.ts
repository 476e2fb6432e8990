import { POOLINGS } from '../../src/core/probes/pooling.ts';
import { extractResiduals, type ExtractionRequest } from '../../src/engine/run/residuals.ts';
import { residPost } from '../../src/engine/run/residual-sites.ts';
import { extractStreamed } from '../../src/engine/streamed/extract-streamed.ts';
import { STREAMED_PRECISIONS } from '../../src/engine/streamed/stage-graph.ts';
import { writeSafetensors } from '../../src/formats/bytes/safetensors.ts';
import {
  checkLayer,
  checkpointOptions,
  openFromOptions,
  openStreamedFromOptions,
} from '../options/checkpoint-options.ts';
import { diskBlobs } from '../files/blob-folder.ts';
import { UsageError, type Options, type Verb } from '../command.ts';
import { parseLayers } from '../options/layer-option.ts';
import { showProgress, writeOutput } from '../files/output.ts';
import { withFileLock } from '../files/output-lock.ts';
import { readPrompts, type PromptReader } from '../options/prompt-options.ts';

export const residuals: Verb = {
  name: 'residuals',
  summary: 'extract pooled residual activations of prompts, as safetensors resid_post.<layer> [prompts, hidden]',
  options: {
    ...checkpointOptions,
    prompts: { type: 'string', value: 'FILE.jsonl', help: 'rows of {"id", "text"} or {"id", "ids"}', required: true },
    layers: { type: 'string', value: 'all|0,3,7', help: 'layers to read', default: 'all' },
    pool: { type: 'string', value: POOLINGS.join('|'), help: 'how to pool the positions of a prompt', default: 'last' },
    chat: { type: 'boolean', help: 'apply the model’s chat template to texts' },
    stream: { type: 'boolean', help: 'keep one layer in memory at a time, and read none beyond the last one needed; run again to resume' }, // prettier-ignore
    precision: {
      type: 'string',
      value: STREAMED_PRECISIONS.join('|'),
      help: 'precision of --stream; on a CPU, float16 rounds the weights and saves nothing',
      default: 'float32',
    },
    verbose: { type: 'boolean', help: 'print the bytes read and the peak memory at the end' },
    out: { type: 'string', value: 'FILE', help: 'output file (safetensors)', required: true },
  },
  async run(options) {
    options.oneOf('pool', POOLINGS);
    const precision = options.oneOf('precision', STREAMED_PRECISIONS);
    if (precision !== 'float32' && !options.flag('stream'))
      throw new UsageError(`--precision ${precision} needs --stream`);
    const wanted = parseLayers(options.text('layers'));
    await withFileLock(options.text('out'), 'residuals', () => writeResiduals(options, wanted));
  },
};

async function writeResiduals(options: Options, wanted: readonly number[] | null): Promise<void> {
  const pooling = options.oneOf('pool', POOLINGS);
  const precision = options.oneOf('precision', STREAMED_PRECISIONS);
  const checkpoint = options.flag('stream') ? await openStreamed(options) : await openResident(options);
  const { layers: count, hiddenSize } = checkpoint.model.config;
  const layers = wanted ?? Array.from({ length: count }, (_, layer) => layer);
  for (const layer of layers) checkLayer(layer, count, checkpoint.label);
  const prompts = await readPrompts(options.text('prompts'), checkpoint, options.flag('chat') ? 'chat' : 'raw');
  const pooled = await checkpoint.extract({ prompts: prompts.tokens, layers, pooling });
  const shape = [prompts.tokens.length, hiddenSize];
  const tensors = [...pooled].map(([layer, data]) => [residPost(layer), { shape, data }] as const);
  const metadata = { ids: JSON.stringify(prompts.ids), checkpoint: checkpoint.label, pooling };
  const rounding = precision === 'float32' ? {} : { precision };
  await writeOutput(options.text('out'), writeSafetensors(Object.fromEntries(tensors), { ...metadata, ...rounding }));
  await checkpoint.forget();
  if (options.flag('verbose')) console.error(`${checkpoint.fetched()}peak memory ${gigabytes(peakMemory())}`);
}

/** A checkpoint opened resident or streamed; both produce the same file. */
interface Extractor extends PromptReader {
  readonly label: string;
  extract(request: Omit<ExtractionRequest, 'onProgress'>): Promise<ReadonlyMap<number, Float32Array>>;
  /** Deletes the state that an interrupted run would resume from. */
  forget(): Promise<void>;
  fetched(): string; // how much of the weights was read, for --verbose
}

async function openResident(options: Options): Promise<Extractor> {
  const checkpoint = await openFromOptions(options);
  return {
    ...checkpoint,
    extract: (request) => extractResiduals(checkpoint.model, { ...request, onProgress: showProgress('prompts') }),
    forget: () => Promise.resolve(),
    fetched: () => '',
  };
}

async function openStreamed(options: Options): Promise<Extractor> {
  const checkpoint = await openStreamedFromOptions(options);
  const unfinished = diskBlobs(`${options.text('out')}.partial`); // next to the result, so that the same command finds it
  let fetched = '';
  return {
    ...checkpoint,
    extract: async (request) => {
      const precision = options.oneOf('precision', STREAMED_PRECISIONS);
      const { checkpointBytes } = await checkpoint.model.plan(request.prompts, request.layers);
      const show = showProgress('prompt passes through half a layer:');
      return extractStreamed(
        checkpoint.model,
        checkpoint.runtime,
        { ...request, precision },
        {
          store: unfinished,
          commit: checkpoint.commit,
          onProgress: ({ stage, stages, done, total, bytesFetched }) => {
            show(stage * total + done, stages * total);
            fetched = `fetched ${gigabytes(bytesFetched)} of ${gigabytes(checkpointBytes)}, `;
          },
        },
      );
    },
    forget: () => unfinished.clear(),
    fetched: () => fetched,
  };
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(3)} GB`;

/** Peak memory of this process in bytes. */
function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024; // reported in KiB
}
