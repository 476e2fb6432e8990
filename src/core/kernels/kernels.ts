/**
 * The inner loops of the analysis in WebAssembly with SIMD, 4 to 6 times as fast as the same loops in JavaScript. Their source is
 * tools/kernels/kernels.as. Everything is synchronous and in this thread; nothing is fetched.
 */
import { KERNELS_WASM } from './kernels-wasm.ts';
import { LabError } from '../errors.ts';

interface KernelMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

// What is used of the platform, which the language's own types leave out.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (limits: { initial: number }) => KernelMemory;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};
declare const atob: (base64: string) => string;

/** Addresses are bytes, multiples of 16. Shapes stand in kernels.as. */
export interface Kernels {
  rowProducts: RowProducts;
  coarseProducts: RowProducts;
  rowSquares(x: number, rows: number, columns: number, centre: number, scales: number, out: number): void;
  centreRows(x: number, rows: number, columns: number, centre: number): void;
  addRows(x: number, factors: number, rows: number, columns: number, sum: number): void;
  addCoarseRows(x: number, factors: number, rows: number, columns: number, sum: number): void;
  addCurvature: AddCurvature;
  addCoarseCurvature: AddCurvature;
  factor(a: number, size: number, stride: number): number;
  substitute(lower: number, size: number, stride: number, x: number): void;
  fillColumns: FillColumns;
  fillCoarseColumns: FillColumns;
  addLogistic: AddLogistic;
  addCoarseLogistic: AddLogistic;
  doubledWins(...given: [...DealtClasses, dealt: number]): number;
  sort(scores: number, count: number, buckets: number, starts: number, sorted: number, order: number): number;
  placements(...given: [...DealtClasses, sorted: number, order: number, below: number, upTo: number]): number;
  gram: AllProducts;
  coarseGram: AllProducts;
  select(values: number, from: number, to: number, rank: number): number;
  resampledWins(
    positiveWeights: number,
    negativeWeights: number,
    positives: number,
    negatives: number,
    blocks: number,
    order: number,
    below: number,
    upTo: number,
    cumulative: number,
    wins: number,
  ): void;
}

/** Scores of two classes, and the buckets that the negatives are dealt into. */
type DealtClasses = [positives: number, negatives: number, count: number, others: number, buckets: number, starts: number]; // prettier-ignore

type AllProducts = (x: number, count: number, length: number, products: number, stride: number, tile: number) => void;

type RowProducts = (
  x: number,
  v: number,
  rows: number,
  columns: number,
  count: number,
  products: number,
  stride: number,
) => void;

type FillColumns = (
  values: number,
  places: number,
  rows: number,
  columns: number,
  step: number,
  centre: number,
  roots: number,
  x: number,
  length: number,
) => void;

type AddCurvature = (
  x: number,
  v: number,
  offset: number,
  weights: number,
  rows: number,
  columns: number,
  sum: number,
  scratch: number,
) => number;

type AddLogistic = (
  x: number,
  v: number,
  offset: number,
  labels: number,
  rows: number,
  columns: number,
  sum: number,
  curvature: number,
  totals: number,
  factors: number,
  scratch: number,
) => void;

const PAGE = 65_536; // bytes, WebAssembly's unit
const ALIGNMENT = 16; // bytes of a SIMD register

let compiled: object | null = null; // shared: compiling takes a millisecond

/** The kernels with a memory of their own, which is handed out like a stack and never shrinks. */
export class KernelHeap {
  readonly run: Kernels;
  readonly #memory = new WebAssembly.Memory({ initial: 1 });
  #top = ALIGNMENT; // address 0 stays unused

  constructor() {
    compiled ??= new WebAssembly.Module(Uint8Array.from(atob(KERNELS_WASM), (letter) => letter.charCodeAt(0)));
    this.run = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } }).exports as Kernels;
  }

  /**
   * An address of so many bytes, whose content is left over from before.
   * @throws LabError `device` when the memory cannot grow
   */
  allocate(bytes: number): number {
    const address = this.#top;
    const top = Math.ceil((address + bytes) / ALIGNMENT) * ALIGNMENT;
    const missing = top - this.#memory.buffer.byteLength;
    if (missing > 0) this.#grow(missing);
    this.#top = top;
    return address;
  }

  /**
   * By a half, if that is more: a memory that has grown counts as a new one, whose size sets off a garbage collection. What is not
   * written to takes no room.
   */
  #grow(missing: number): void {
    for (const bytes of [Math.max(missing, this.#memory.buffer.byteLength / 2), missing]) {
      try {
        this.#memory.grow(Math.ceil(bytes / PAGE));
        return;
      } catch (cause) {
        if (bytes > missing) continue;
        const problem = `the analysis could not get ${Math.ceil(missing / 1e6)} MB of memory`;
        throw new LabError('device', problem, 'Close other tabs, or analyse fewer prompts at once.', { cause });
      }
    }
  }

  /** As `allocate`, of so many float64. */
  allocateF64(count: number): number {
    return this.allocate(count * Float64Array.BYTES_PER_ELEMENT);
  }

  /** Copies values there; returns their address. */
  place(values: Float64Array | Uint32Array): number {
    const address = this.allocate(values.byteLength);
    if (values instanceof Float64Array) this.f64(address, values.length).set(values);
    else this.u32(address, values.length).set(values);
    return address;
  }

  /** What `work` allocates is free again when it ends. */
  scoped<T>(work: () => T): T {
    const top = this.#top;
    try {
      return work();
    } finally {
      this.#top = top;
    }
  }

  /** Views end their lives at the next `allocate`, which may move the memory. */
  f32(address: number, length: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, length);
  }

  f64(address: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, address, length);
  }

  u32(address: number, length: number): Uint32Array {
    return new Uint32Array(this.#memory.buffer, address, length);
  }

  u16(address: number, length: number): Uint16Array {
    return new Uint16Array(this.#memory.buffer, address, length);
  }
}

let shared: KernelHeap | null = null;

/** The heap for what begins and ends within one call: scopes on it nest. */
export function sharedHeap(): KernelHeap {
  shared ??= new KernelHeap();
  return shared;
}
