/**
 * The keys and values of what a model has read, one row a sequence, with room for `capacity` tokens. On WebGPU each layer's buffer
 * is past and present at once, so nothing is copied or reallocated. ONNX Runtime's WASM build copies every tensor into and out of
 * its heap, so there a run hands out the new tokens' keys and values alone, and they are written into arrays of ours, which are no
 * larger than what they hold asks for.
 */
import { highest } from '../../core/statistics/min-max.ts';
import type { OlmoConfig } from '../checkpoint/config.ts';
import { cacheNames, type CacheStyle } from '../graph/attention.ts';
import type { Runtime, Tensor } from '../device/runtime.ts';

export interface KvCache {
  readonly capacity: number;
  readonly lengths: Int32Array; // [batch]: tokens that each row has read
  /** `past.*` for the next run. */
  feeds(): Record<string, Tensor>;
  /** What of the next run the cache wants: null lets ONNX Runtime allocate. */
  fetches(): Record<string, Tensor | null>;
  /** Takes over what a run of `added[row]` new tokens a row returned. */
  accept(outputs: Readonly<Record<string, Tensor>>, added: readonly number[]): void;
  dispose(): void;
}

export function cacheStyle(runtime: Runtime): CacheStyle {
  return runtime.gpu === null ? 'appended' : 'in-place';
}

/** Names of one layer's keys, or values, at the graph's border. */
interface Slot {
  readonly past: string;
  readonly present: string;
  readonly added: string;
}

function slotsOf(config: OlmoConfig): Slot[] {
  const { pastKey, presentKey, newKey, pastValue, presentValue, newValue } = cacheNames;
  return Array.from({ length: config.layers }, (_, layer) => [
    { past: pastKey(layer), present: presentKey(layer), added: newKey(layer) },
    { past: pastValue(layer), present: presentValue(layer), added: newValue(layer) },
  ]).flat();
}

/** [batch, heads, capacity, size] */
type CacheDims = readonly [batch: number, heads: number, capacity: number, size: number];

/** An empty cache for `batch` sequences. */
export function createKvCache(runtime: Runtime, config: OlmoConfig, batch: number, capacity: number): KvCache {
  const dims: CacheDims = [batch, config.kvHeads, capacity, config.headDim];
  return runtime.gpu === null
    ? cpuCache(runtime, slotsOf(config), dims)
    : gpuCache(runtime, slotsOf(config), dims, runtime.gpu);
}

/** What one run over whole sequences needs that nothing will follow: on WASM no room at all. */
export function createPassCache(runtime: Runtime, config: OlmoConfig, batch: number, width: number): KvCache {
  if (runtime.gpu !== null) return createKvCache(runtime, config, batch, width);
  const cache = createKvCache(runtime, config, batch, 0);
  return { ...cache, fetches: () => ({}), accept: () => undefined };
}

const sizeOf = (dims: readonly number[]): number => dims.reduce((product, size) => product * size, 1);

/** Tokens by which arrays of ours grow: room that nothing fills is copied at every run, growing copies all that is there. */
const GROWTH = 32;

function cpuCache({ ort }: Runtime, slots: readonly Slot[], [batch, heads, capacity, size]: CacheDims): KvCache {
  const lengths = new Int32Array(batch);
  let dims: CacheDims = [batch, heads, 0, size]; // of the arrays
  let held: { slot: Slot; values: Float32Array }[] = slots.map((slot) => ({ slot, values: new Float32Array() }));
  const makeRoom = (tokens: number): void => {
    if (tokens <= dims[2]) return;
    const room = Math.min(capacity, Math.ceil(tokens / GROWTH) * GROWTH);
    const [before, after] = [dims, [batch, heads, room, size] as const];
    held = held.map(({ slot, values }) => ({ slot, values: widened(values, before, after) }));
    dims = after;
  };
  return {
    capacity,
    lengths,
    feeds: () =>
      Object.fromEntries(held.map(({ slot, values }) => [slot.past, new ort.Tensor('float32', values, [...dims])])),
    fetches: () => Object.fromEntries(slots.map((slot) => [slot.added, null])),
    accept: (outputs, added) => {
      makeRoom(highest(added.map((tokens, row) => (lengths[row] ?? 0) + tokens)));
      for (const { slot, values } of held)
        append(values, dims, lengths, outputs[slot.added]?.data as Float32Array, added);
    },
    dispose: () => {
      held = [];
    },
  };
}

/** The same tokens in arrays with room for more of them. */
function widened(values: Float32Array, before: CacheDims, after: CacheDims): Float32Array {
  const wider = new Float32Array(sizeOf(after));
  const [from, to] = [before[2] * before[3], after[2] * after[3]];
  if (from > 0) {
    for (let head = 0; head < before[0] * before[1]; head++) {
      wider.set(values.subarray(head * from, (head + 1) * from), head * to);
    }
  }
  return wider;
}

/** Writes the new tokens [batch, sequence, heads · size] behind what each row of the cache [batch, heads, capacity, size] holds. */
function append(
  cache: Float32Array,
  [batch, heads, capacity, size]: CacheDims,
  lengths: Int32Array,
  fresh: Float32Array,
  added: readonly number[],
): void {
  const width = fresh.length / (batch * heads * size);
  for (let row = 0; row < batch; row++) {
    for (let token = 0; token < (added[row] ?? 0); token++) {
      const position = (lengths[row] ?? 0) + token;
      for (let head = 0; head < heads; head++) {
        const from = ((row * width + token) * heads + head) * size;
        cache.set(fresh.subarray(from, from + size), ((row * heads + head) * capacity + position) * size);
      }
    }
  }
}

function gpuCache({ ort }: Runtime, slots: readonly Slot[], dims: CacheDims, device: GPUDevice): KvCache {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffers = slots.map(() => device.createBuffer({ size: sizeOf(dims) * 4, usage }));
  const tensors = buffers.map((buffer) => ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [...dims] }));
  const named = (key: 'past' | 'present'): Record<string, Tensor> =>
    Object.fromEntries(slots.map((slot, index) => [slot[key], tensors[index]])) as Record<string, Tensor>;
  const past = named('past');
  const present = named('present');
  return {
    capacity: dims[2],
    lengths: new Int32Array(dims[0]),
    feeds: () => past,
    fetches: () => present,
    accept: () => undefined, // written in place
    dispose: () => {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}
