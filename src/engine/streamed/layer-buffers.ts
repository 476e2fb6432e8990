/** Memory for one layer's weights, filled anew for every layer: on WASM arrays of ours, on WebGPU buffers of the device. */
import { LabError } from '../../core/errors.ts';
import type { WeightDeclaration } from '../graph/builder.ts';
import type { Runtime, Tensor } from '../runtime.ts';
import { checkHalves, decodeWeight } from './decode-weight.ts';
import { tensorOfLayer } from './layer-graph.ts';
import type { RawLayer } from './layer-reader.ts';

type WeightArray = Float32Array | Uint16Array;

/** Where one weight is decoded to, and how it is fed. */
interface Slot {
  readonly weight: WeightDeclaration; // named as in layer 0
  readonly name: string; // the graph's input
  readonly tensor: Tensor;
  readonly memory: WeightArray | GPUBuffer;
}

export class LayerBuffers {
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly #slots: readonly Slot[];
  readonly #gpu: GPUDevice | null;
  readonly #scratch: WeightArray | null; // of the largest weight, on its way to the GPU

  /** Room for the weights that a layer's graph declares. Throws a `device` error where memory is short. */
  constructor(runtime: Runtime, weights: readonly WeightDeclaration[]) {
    this.#gpu = runtime.gpu;
    this.#slots = weights.map((weight) => makeSlot(runtime, weight));
    this.#scratch = runtime.gpu === null ? null : largestArray(weights);
    this.feeds = Object.fromEntries(this.#slots.map(({ name, tensor }) => [name, tensor]));
  }

  /** Decodes a layer into the buffers; `raw` is emptied on the way, so that its memory is free before the next is fetched. */
  fill(layer: number, raw: RawLayer): void {
    for (const { weight, memory } of this.#slots) {
      const name = tensorOfLayer(weight.tensor, layer);
      const found = raw.get(name);
      if (found === undefined) throw new LabError('internal', `${name} was not fetched.`, 'Report it.');
      raw.delete(name);
      const { file, entry, bytes } = found;
      const target = memory instanceof Float32Array || memory instanceof Uint16Array ? memory : this.#scratchOf(weight);
      decodeWeight(file, entry, bytes, weight.encoding === 'transposed', target);
      if (target instanceof Uint16Array) checkHalves(file, entry, target);
      if (memory !== target) this.#gpu?.queue.writeBuffer(memory as GPUBuffer, 0, target as BufferSource);
    }
  }

  #scratchOf(weight: WeightDeclaration): WeightArray {
    if (this.#scratch === null) throw new LabError('internal', 'GPU buffers without a GPU.', 'Report it.');
    return this.#scratch.subarray(0, sizeOf(weight));
  }

  dispose(): void {
    for (const { memory } of this.#slots) if ('destroy' in memory) memory.destroy();
  }
}

function makeSlot({ ort, gpu }: Runtime, weight: WeightDeclaration): Slot {
  const [value] = weight.values;
  if (value === undefined || weight.values.length !== 1) {
    throw new LabError('internal', `${weight.tensor} is no plain weight.`, 'Report it.');
  }
  const dataType = value.type === 'float16' ? 'float16' : 'float32';
  const dims = [...value.shape];
  if (gpu === null) {
    const memory = arrayOf(weight, sizeOf(weight));
    const tensor =
      memory instanceof Float32Array
        ? new ort.Tensor('float32', memory, dims)
        : new ort.Tensor('float16', memory, dims);
    return { weight, name: value.name, tensor, memory };
  }
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const size = sizeOf(weight) * (dataType === 'float16' ? 2 : 4);
  const memory = gpu.createBuffer({ size, usage });
  return { weight, name: value.name, tensor: ort.Tensor.fromGpuBuffer(memory, { dataType, dims }), memory };
}

const sizeOf = ({ shape }: WeightDeclaration): number => shape.reduce((product, size) => product * size, 1);

function arrayOf({ values }: WeightDeclaration, size: number): WeightArray {
  return values[0]?.type === 'float16' ? new Uint16Array(size) : new Float32Array(size);
}

function largestArray(weights: readonly WeightDeclaration[]): WeightArray | null {
  const [largest] = [...weights].sort((a, b) => sizeOf(b) - sizeOf(a));
  return largest === undefined ? null : arrayOf(largest, sizeOf(largest));
}
