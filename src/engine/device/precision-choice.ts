/** Which precision suits a checkpoint and a device, with sizes, before a byte of weights is fetched. A pure function. */
import { byteLengthOf } from '../../formats/bytes/onnx.ts';
import type { OlmoConfig } from '../checkpoint/config.ts';
import { CONVERT_LIMITS } from '../convert/layout.ts';
import type { DeviceReport, Provider } from './device-report.ts';
import { WHOLE_WEIGHTS, type WeightLayout } from '../graph/builder.ts';
import { hasBlocks, PRECISIONS, type Precision } from '../graph/precisions.ts';
import { buildDecoder } from '../graph/decoder.ts';
import { contextLengthOf } from '../checkpoint/context-length.ts';

const WASM_HEAP_BYTES = 4 * 2 ** 30; // a 32-bit heap ends here
const WASM_BASE_BYTES = 150e6; // ONNX Runtime, its graph, activations: measured on small models
/** ONNX Runtime's CPU kernels keep their own copy of each matrix; the largest one is there twice while it is packed. */
const PACKING_SHARE = 1.2;
const GPU_SHARE = 0.75; // of a GPU's or a shared memory that a page may hope for
const SYSTEM_SHARE = 0.6; // of the machine's memory that a tab may hope for
const TIGHT = 0.8; // of what there is: above it, other tabs decide

export interface PrecisionQuestion {
  readonly config: OlmoConfig;
  readonly device: Pick<DeviceReport, 'webgpu'>;
  readonly provider: Provider;
  readonly memoryBytes: number | null; // of the machine, where it is known: browsers tell at most 8 GB
  readonly checkpointBytes: number; // of its weight files
  readonly rows: number; // answers at once, each with a cache of its own
}

type Fit = 'fits' | 'tight' | 'too-large';

export interface PrecisionOption {
  readonly precision: Precision;
  readonly downloadBytes: number; // the same for all: weights are rounded here
  readonly diskBytes: number;
  readonly deviceBytes: number; // weights, caches and the runtime, where the model runs
  readonly largestBufferBytes: number;
  readonly fit: Fit;
  readonly note: string; // one sentence in plain language
  readonly hasBlocks: boolean; // weights share scales in blocks, whose size can be chosen
  readonly quality: PrecisionQuality;
}

/** How far a real model's next token is from float32's. */
interface PrecisionQuality {
  readonly kl: number; // nats, mean
  readonly top1: number; // share of tokens with the same likeliest next one
}

export interface PrecisionAdvice {
  readonly recommended: Precision; // the best that fits, else the smallest
  readonly options: readonly PrecisionOption[];
}

/** From the most faithful to the least, as measured by bench/precision.ts; int8 also rounds activations. */
const FAITHFUL: readonly Precision[] = ['float32', 'float16', 'q8', 'int8', 'q4-mixed', 'q4'];

/** Which precisions a provider runs well: those in blocks are kernels for GPUs, int8 is one for CPUs. */
const SUITED: Readonly<Record<Provider, readonly Precision[]>> = {
  webgpu: ['float32', 'q8', 'q4-mixed', 'q4'],
  wasm: ['float32', 'int8'],
};

/** Of SmolLM2-135M-Instruct as an OLMo checkpoint, real prompts, the last 16 tokens of each (docs/benchmarks.md). Blocks of 32. */
const MEASURED_QUALITY: Readonly<Record<Precision, PrecisionQuality>> = {
  float32: { kl: 0, top1: 1 },
  float16: { kl: 0, top1: 1 }, // its weights came in float16
  q8: { kl: 0.00138, top1: 0.982 },
  int8: { kl: 0.005, top1: 0.97 },
  'q4-mixed': { kl: 0.0766, top1: 0.885 },
  q4: { kl: 0.262, top1: 0.793 },
};

export function advisePrecision(question: PrecisionQuestion): PrecisionAdvice {
  const options = PRECISIONS.map((precision) => assess(question, precision));
  const suited = FAITHFUL.filter((precision) => SUITED[question.provider].includes(precision));
  const of = (fit: Fit): Precision | undefined =>
    suited.find((precision) => options.some((option) => option.precision === precision && option.fit === fit));
  return { recommended: of('fits') ?? of('tight') ?? suited.at(-1) ?? 'q4', options };
}

interface WeightSizes {
  readonly stored: number; // bytes in the files
  readonly loaded: number; // bytes where the model runs
  readonly largest: number; // of one value, loaded
}

/** float16 weights are widened when the model is loaded, since products are in float32. */
function weightSizes(config: OlmoConfig, precision: Precision): WeightSizes {
  const layout: WeightLayout = { ...WHOLE_WEIGHTS, partWeights: CONVERT_LIMITS.partWeights };
  const { weights } = buildDecoder(config, { precision, capacity: 1, layout });
  let [stored, loaded, largest] = [0, 0, 0];
  for (const { type, shape } of weights.flatMap(({ values }) => values)) {
    const bytes = byteLengthOf(type, shape);
    const wide = type === 'float16' ? 2 * bytes : bytes;
    stored += bytes;
    loaded += wide;
    largest = Math.max(largest, wide);
  }
  return { stored, loaded, largest };
}

function assess(question: PrecisionQuestion, precision: Precision): PrecisionOption {
  const { config, provider, rows, checkpointBytes } = question;
  const sizes = weightSizes(config, precision);
  const embeddings = config.vocabSize * config.hiddenSize * 2; // kept as they came, bfloat16 as a rule
  const cache = rows * contextLengthOf(config) * config.layers * 2 * config.kvHeads * config.headDim * 4;
  const packed = provider === 'wasm' ? sizes.loaded * PACKING_SHARE + WASM_BASE_BYTES : sizes.loaded;
  const deviceBytes = Math.round(packed + cache);
  return {
    precision,
    downloadBytes: checkpointBytes,
    diskBytes: sizes.stored + embeddings,
    deviceBytes,
    largestBufferBytes: sizes.largest,
    hasBlocks: hasBlocks(precision),
    quality: MEASURED_QUALITY[precision],
    ...judge(question, precision, deviceBytes, sizes.largest),
  };
}

function judge(
  { device, provider, memoryBytes }: PrecisionQuestion,
  precision: Precision,
  needed: number,
  largest: number,
): Pick<PrecisionOption, 'fit' | 'note'> {
  const isGpu = provider === 'webgpu';
  const buffer = device.webgpu?.maxBufferBytes ?? 0;
  if (isGpu && largest > buffer) {
    const note = `Too large: one weight takes ${gigabytes(largest)}, and this GPU’s buffers end at ${gigabytes(buffer)}.`;
    return { fit: 'too-large', note };
  }
  const memory = memoryBytes === null ? Infinity : memoryBytes * (isGpu ? GPU_SHARE : SYSTEM_SHARE);
  const room = isGpu ? memory : Math.min(memory, WASM_HEAP_BYTES);
  if (needed > room) {
    const where = isGpu ? 'GPU memory' : needed > WASM_HEAP_BYTES ? 'memory, and WebAssembly ends at 4.3 GB' : 'memory';
    return { fit: 'too-large', note: `Too large: it needs ${gigabytes(needed)} of ${where}.` };
  }
  if (isGpu && memoryBytes === null) {
    const note = `It needs ${gigabytes(needed)} of GPU memory; browsers do not say how much there is.`;
    return { fit: 'tight', note };
  }
  if (needed > room * TIGHT) return { fit: 'tight', note: `Tight: it needs ${gigabytes(needed)}; close other tabs.` };
  const isSuited = SUITED[provider].includes(precision);
  const slow = isSuited ? '' : `, though ${provider === 'wasm' ? 'slowly on a CPU' : 'not well on a GPU'}`;
  return { fit: 'fits', note: `Fits: it needs ${gigabytes(needed)}${slow}.` };
}

const gigabytes = (bytes: number): string =>
  bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
