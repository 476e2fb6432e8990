/** Memory for one stage's weights, filled anew for every stage: on WASM one array of ours, on WebGPU buffers of the device. */
import { checkHiddenWeights } from '../run/finite-checks.ts';
import { highest } from '../../core/statistics/min-max.ts';
import { LabError } from '../../core/errors.ts';
import { letGo } from '../../formats/bytes/byte-source.ts';
import type { WeightDeclaration } from '../graph/builder.ts';
import type { Runtime, Tensor } from '../device/runtime.ts';
import { checkHalves, decodeWeight } from './decode-weight.ts';
import { tensorOfStage, type Stage } from './stage-graph.ts';
import type { RawStage } from './stage-reader.ts';

type WeightArray = Float32Array | Uint16Array;

/** Where one weight is decoded to, and how it is fed. */
interface Slot {
  readonly weight: WeightDeclaration; // named as in layer 0
  readonly name: string; // the graph's input
  readonly tensor: Tensor;
  readonly memory: WeightArray; // on WebGPU shared by all weights, on their way to the GPU
  readonly buffer: GPUBuffer | null;
}

export class StageBuffers {
  readonly #runtime: Runtime;
  readonly #slots = new Map<readonly WeightDeclaration[], readonly Slot[]>();
  #pool = new ArrayBuffer(0);

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /**
   * Decodes a stage into memory that the last stage's weights lay in, and gives the graph's inputs. `raw` is emptied on the way, so
   * that its memory is free before the next stage is fetched. Throws a `device` error where memory is short.
   */
  fill(stage: Stage, weights: readonly WeightDeclaration[], raw: RawStage): Record<string, Tensor> {
    const slots = this.#slotsOf(weights);
    for (const { weight, memory, buffer } of slots) {
      const name = tensorOfStage(weight.tensor, stage);
      const found = raw.get(name);
      if (found === undefined)
        throw new LabError('internal', `${name} was not fetched.`, 'This is a bug: please report it.');
      raw.delete(name);
      const { file, entry, bytes } = found;
      decodeWeight(file, entry, bytes, weight.encoding === 'transposed', memory);
      letGo(bytes);
      if (memory instanceof Uint16Array) checkHalves(file, entry, memory);
      else checkHiddenWeights(memory, file, name);
      if (buffer !== null) this.#runtime.gpu?.queue.writeBuffer(buffer, 0, memory as BufferSource);
    }
    return Object.fromEntries(slots.map(({ name, tensor }) => [name, tensor]));
  }

  dispose(): void {
    for (const { buffer } of [...this.#slots.values()].flat()) buffer?.destroy();
    this.#slots.clear();
    this.#pool = new ArrayBuffer(0);
  }

  #slotsOf(weights: readonly WeightDeclaration[]): readonly Slot[] {
    const known = this.#slots.get(weights);
    if (known !== undefined) return known;
    const sizes = weights.map(bytesOf);
    const needed =
      this.#runtime.gpu === null ? sizes.reduce((sum, size) => sum + size, 0) : Math.max(0, highest(sizes));
    this.#grow(needed);
    let offset = 0;
    const slots = weights.map((weight, index) => {
      const slot = makeSlot(this.#runtime, weight, this.#pool, offset);
      if (slot.buffer === null) offset += sizes[index] ?? 0;
      return slot;
    });
    this.#slots.set(weights, slots);
    return slots;
  }

  /** Makes room; what lay in the smaller memory is made anew at its next use. */
  #grow(bytes: number): void {
    if (bytes <= this.#pool.byteLength) return;
    this.dispose();
    try {
      this.#pool = new ArrayBuffer(bytes);
    } catch (cause) {
      const problem = `There is not enough memory for the ${(bytes / 1e6).toFixed(0)} MB of weights of a layer.`;
      throw new LabError('device', problem, 'Close other tabs, then reload the page.', { cause });
    }
  }
}

function makeSlot({ ort, gpu }: Runtime, weight: WeightDeclaration, pool: ArrayBuffer, offset: number): Slot {
  const [value] = weight.values;
  if (value === undefined || weight.values.length !== 1) {
    throw new LabError('internal', `${weight.tensor} is not a plain weight.`, 'This is a bug: please report it.');
  }
  const dataType = value.type === 'float16' ? 'float16' : 'float32';
  const dims = [...value.shape];
  const size = sizeOf(weight);
  const memory = dataType === 'float16' ? new Uint16Array(pool, offset, size) : new Float32Array(pool, offset, size);
  if (gpu === null) {
    const tensor =
      memory instanceof Float32Array
        ? new ort.Tensor('float32', memory, dims)
        : new ort.Tensor('float16', memory, dims);
    return { weight, name: value.name, tensor, memory, buffer: null };
  }
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = gpu.createBuffer({ size: bytesOf(weight), usage });
  return { weight, name: value.name, tensor: ort.Tensor.fromGpuBuffer(buffer, { dataType, dims }), memory, buffer };
}

const sizeOf = ({ shape }: WeightDeclaration): number => shape.reduce((product, size) => product * size, 1);

/** As the graph takes it. A multiple of four, as views and the GPU want, since norms and matrices are of even size. */
function bytesOf(weight: WeightDeclaration): number {
  return sizeOf(weight) * (weight.values[0]?.type === 'float16' ? 2 : 4);
}
