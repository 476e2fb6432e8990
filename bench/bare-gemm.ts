/** Bare matrix products with a 7B layer's shapes: the best that the runtime can do. */
import type { Runtime, Session, Tensor } from '../src/engine/device/runtime.ts';
import { writeOnnxModel } from '../src/formats/bytes/onnx.ts';
import { OLMO_3_7B } from '../tests/hub-server/olmo-shapes.ts';

const { hidden_size: HIDDEN, intermediate_size: MLP } = OLMO_3_7B;
const SHAPES = [
  { inner: HIDDEN, outer: HIDDEN, count: 4 }, // q, k, v, o
  { inner: HIDDEN, outer: MLP, count: 2 }, // gate, up
  { inner: MLP, outer: HIDDEN, count: 1 }, // down
] as const;

interface Product {
  readonly session: Session;
  readonly a: Tensor;
  readonly flops: number;
  readonly count: number; // number of such products per layer
}

/** Products whose right-hand sides are packed in advance. Each run copies its left-hand side in and its result out, like any other run. */
export class BareGemm {
  readonly #products: readonly Product[];
  #flops = 0;
  #ms = 0;

  private constructor(products: readonly Product[]) {
    this.#products = products;
  }

  static async open(runtime: Runtime, tokens: number): Promise<BareGemm> {
    const products: Product[] = [];
    for (const { inner, outer, count } of SHAPES) {
      products.push({ ...(await open(runtime, tokens, inner, outer)), flops: 2 * tokens * inner * outer, count });
    }
    return new BareGemm(products);
  }

  /** Runs each shape once; a layer's time is the sum weighted by how often each shape occurs. */
  async round(): Promise<void> {
    for (const { session, a, flops, count } of this.#products) {
      const start = performance.now();
      await session.run({ a });
      this.#ms += count * (performance.now() - start);
      this.#flops += count * flops;
    }
  }

  /** The result over all rounds so far. */
  get gflops(): number {
    return this.#flops / this.#ms / 1e6;
  }

  async dispose(): Promise<void> {
    for (const { session } of this.#products) await session.release();
  }
}

/** [tokens, inner] × [inner, outer]. */
async function open(
  { ort, provider }: Runtime,
  tokens: number,
  inner: number,
  outer: number,
): Promise<Pick<Product, 'session' | 'a'>> {
  const weights = new Float32Array(inner * outer).fill(0.02);
  const data = { file: 'b.bin', offset: 0, byteLength: weights.byteLength };
  const model = writeOnnxModel({
    graphName: 'gemm',
    nodes: [{ op: 'MatMul', domain: '', name: 'c', inputs: ['a', 'b'], outputs: ['c'], attributes: {} }],
    inputs: [{ name: 'a', type: 'float32', shape: [tokens, inner] }],
    outputs: [{ name: 'c', type: 'float32', shape: [tokens, outer] }],
    initializers: [{ name: 'b', type: 'float32', shape: [inner, outer], data }],
    opsets: { '': 17 },
  });
  const session = await ort.InferenceSession.create(model, {
    executionProviders: [provider],
    externalData: [{ path: 'b.bin', data: new Uint8Array(weights.buffer) }],
  });
  return { session, a: new ort.Tensor('float32', new Float32Array(tokens * inner).fill(0.5), [tokens, inner]) };
}
