/**
 * The keys and values of what a model has read, one row a sequence, with room for `capacity` tokens. On WebGPU each layer's buffer
 * is past and present at once, so nothing is copied or reallocated. On WASM ONNX Runtime copies CPU tensors into and out of its
 * heap, so capacity is kept to what the answer can need.
 */
import type { OlmoConfig } from './config.ts';
import { cacheNames } from './graph/block.ts';
import type { Runtime, Tensor } from './runtime.ts';

export interface KvCache {
  readonly capacity: number;
  readonly lengths: Int32Array; // [batch]: tokens that each row has read
  /** `past.*` for the next run. */
  feeds(): Record<string, Tensor>;
  /** `present.*` of the next run: null lets ONNX Runtime allocate. */
  fetches(): Record<string, Tensor | null>;
  /** Takes over what a run returned. */
  accept(outputs: Readonly<Record<string, Tensor>>): void;
  dispose(): void;
}

interface Slot {
  readonly past: string;
  readonly present: string;
}

function slots(config: OlmoConfig): Slot[] {
  return Array.from({ length: config.layers }, (_, layer) => [
    { past: cacheNames.pastKey(layer), present: cacheNames.presentKey(layer) },
    { past: cacheNames.pastValue(layer), present: cacheNames.presentValue(layer) },
  ]).flat();
}

/** An empty cache for `batch` sequences. */
export function createKvCache(runtime: Runtime, config: OlmoConfig, batch: number, capacity: number): KvCache {
  const dims = [batch, config.kvHeads, capacity, config.headDim];
  const lengths = new Int32Array(batch);
  return runtime.gpu === null
    ? cpuCache(runtime, slots(config), dims, lengths)
    : gpuCache(runtime, slots(config), dims, lengths, runtime.gpu);
}

const sizeOf = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);

function cpuCache({ ort }: Runtime, all: readonly Slot[], dims: number[], lengths: Int32Array): KvCache {
  const empty = new ort.Tensor('float32', new Float32Array(sizeOf(dims)), dims); // never written to, so shared
  let past: Record<string, Tensor> = Object.fromEntries(all.map((slot) => [slot.past, empty]));
  return {
    capacity: dims[2] ?? 0,
    lengths,
    feeds: () => past,
    fetches: () => Object.fromEntries(all.map((slot) => [slot.present, null])),
    accept: (outputs) => {
      past = Object.fromEntries(all.map((slot) => [slot.past, outputs[slot.present] ?? empty]));
    },
    dispose: () => {
      past = {};
    },
  };
}

function gpuCache(
  { ort }: Runtime,
  all: readonly Slot[],
  dims: number[],
  lengths: Int32Array,
  device: GPUDevice,
): KvCache {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffers = all.map(() => device.createBuffer({ size: sizeOf(dims) * 4, usage }));
  const tensors = buffers.map((buffer) => ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims }));
  const named = (key: keyof Slot): Record<string, Tensor> =>
    Object.fromEntries(all.map((slot, index) => [slot[key], tensors[index]])) as Record<string, Tensor>;
  const past = named('past');
  const present = named('present');
  return {
    capacity: dims[2] ?? 0,
    lengths,
    feeds: () => past,
    fetches: () => present,
    accept: () => undefined, // written in place
    dispose: () => {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}
