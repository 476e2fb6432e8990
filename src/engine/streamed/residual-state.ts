/**
 * The residuals of all batches between two stages: on the GPU, in memory, or in a store. With a store they also outlive the process,
 * since what a finished stage left behind stands there whole.
 */
import type { KeptState } from './kept-progress.ts';
import { LabError } from '../../core/errors.ts';
import type { PromptBatch } from '../run/prompt-batches.ts';
import type { Runtime, Tensor } from '../device/runtime.ts';
import { forgetProgress } from './kept-progress.ts';
import type { Stage } from './stage-graph.ts';

/** Where residuals rest between stages. */
export type ResidualPlace = 'gpu' | 'memory' | 'store';

export class ResidualState {
  readonly #runtime: Runtime;
  readonly #hidden: number;
  readonly #batches: readonly PromptBatch[];
  readonly #place: ResidualPlace;
  readonly #kept: KeptState | null;
  readonly #held: (Tensor | null)[]; // one a batch, none where they rest in the store

  constructor(
    runtime: Runtime,
    hidden: number,
    batches: readonly PromptBatch[],
    place: ResidualPlace,
    kept: KeptState | null,
  ) {
    this.#runtime = runtime;
    this.#hidden = hidden;
    this.#batches = batches;
    this.#place = place;
    this.#kept = kept;
    this.#held = batches.map(() => null);
  }

  /** What a stage handed on of a batch, [tokens, hidden]; −1 is the embeddings. */
  async read(stage: Stage, index: number): Promise<Tensor> {
    const held = this.#held[index] ?? null;
    if (held !== null) return held;
    const tensor = this.#cpuTensor(index, await this.#readKept(stage, index));
    return this.#place === 'gpu' ? this.#upload(index, tensor.data as Float32Array) : tensor;
  }

  /** Room on the GPU for what a layer makes of a batch; null where the result comes back to the CPU. */
  room(index: number): Tensor | null {
    return this.#place === 'gpu' ? this.#gpuTensor(index) : null;
  }

  /**
   * Takes over what a stage handed on of a batch, in place of what came in, and gives its values [tokens, hidden] where
   * they are needed. `isLast`: no stage follows, so nothing is kept.
   */
  async write(
    stage: Stage,
    index: number,
    output: Tensor,
    { needsValues, isLast }: { readonly needsValues: boolean; readonly isLast: boolean },
  ): Promise<Float32Array | null> {
    this.#drop(index);
    const isKept = this.#kept !== null && !isLast;
    const values = needsValues || isKept ? await this.#download(output) : null;
    if (isKept && values !== null) await this.#kept.store.put(this.#name(stage, index), bytesOf(values));
    if (this.#place === 'store' || isLast) release(output);
    else this.#held[index] = output;
    return needsValues ? values : null;
  }

  /** The embeddings of a batch, [tokens, hidden]. */
  async begin(index: number, values: Float32Array): Promise<void> {
    if (this.#kept !== null && this.#place === 'store') {
      await this.#kept.store.put(this.#name(-1, index), bytesOf(values));
      return;
    }
    this.#held[index] = this.#place === 'gpu' ? this.#upload(index, values) : this.#cpuTensor(index, values);
  }

  /** Deletes what the store holds of a stage. */
  async forget(stage: Stage): Promise<void> {
    if (this.#kept === null) return;
    for (const index of this.#batches.keys()) await this.#kept.store.delete(this.#name(stage, index));
  }

  dispose(): void {
    for (const index of this.#batches.keys()) this.#drop(index);
  }

  #drop(index: number): void {
    release(this.#held[index] ?? null);
    this.#held[index] = null;
  }

  #name(stage: Stage, index: number): string {
    return `${this.#kept?.prefix ?? ''}/resid.${stage}.${index}`;
  }

  async #readKept(stage: Stage, index: number): Promise<Float32Array> {
    const name = this.#name(stage, index);
    const bytes = (await this.#kept?.store.get(name)) ?? null;
    const size = this.#dims(index).reduce((product, n) => product * n, 4);
    if (bytes?.byteLength === size) return new Float32Array(bytes.slice().buffer);
    if (this.#kept !== null) await forgetProgress(this.#kept, []); // else every start would end here
    const problem = `The kept activations ${name} are ${bytes === null ? 'missing' : 'damaged'}.`;
    throw new LabError('storage', problem, 'Start the extraction again: it begins at the first layer.');
  }

  #dims(index: number): [number, number] {
    return [this.#batches[index]?.tokens ?? 0, this.#hidden];
  }

  #cpuTensor(index: number, values: Float32Array): Tensor {
    return new this.#runtime.ort.Tensor('float32', values, this.#dims(index));
  }

  #gpuTensor(index: number): Tensor {
    const { gpu, ort } = this.#runtime;
    if (gpu === null)
      throw new LabError('internal', 'GPU residuals without a GPU.', 'This is a bug: please report it.');
    const dims = this.#dims(index);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const buffer = gpu.createBuffer({ size: dims.reduce((product, n) => product * n, 4), usage });
    return ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims });
  }

  #upload(index: number, values: Float32Array): Tensor {
    const tensor = this.#gpuTensor(index);
    this.#runtime.gpu?.queue.writeBuffer(tensor.gpuBuffer, 0, values as BufferSource);
    return tensor;
  }

  async #download(tensor: Tensor): Promise<Float32Array> {
    const { gpu } = this.#runtime;
    if (gpu === null || tensor.location !== 'gpu-buffer') return tensor.data as Float32Array;
    const source = tensor.gpuBuffer;
    const staging = gpu.createBuffer({ size: source.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = gpu.createCommandEncoder();
    encoder.copyBufferToBuffer(source, 0, staging, 0, source.size);
    gpu.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const values = new Float32Array(staging.getMappedRange().slice(0));
    staging.destroy();
    return values;
  }
}

function release(tensor: Tensor | null): void {
  if (tensor?.location === 'gpu-buffer') tensor.gpuBuffer.destroy();
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
