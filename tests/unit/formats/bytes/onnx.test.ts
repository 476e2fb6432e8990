import { describe, expect, it } from 'vitest';
import { openNodeRuntime } from '../../../../src/engine/device/runtime.node.ts';
import { writeOnnxModel, type OnnxModel, type OnnxNode } from '../../../../src/formats/bytes/onnx.ts';

const { ort } = openNodeRuntime(1);

const node = (op: string, inputs: string[], output: string, attributes: OnnxNode['attributes'] = {}): OnnxNode => ({
  op,
  domain: '',
  name: output,
  inputs,
  outputs: [output],
  attributes,
});

const model = (parts: Pick<OnnxModel, 'nodes' | 'outputs'> & Partial<OnnxModel>): Uint8Array =>
  writeOnnxModel({
    graphName: 'test',
    inputs: [{ name: 'x', type: 'float32', shape: ['rows', 2] }],
    initializers: [],
    opsets: { '': 17 },
    ...parts,
  });

const X = new ort.Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]);

async function run(
  bytes: Uint8Array,
  options: object = {},
): Promise<Record<string, { dims: readonly number[]; data: unknown }>> {
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], ...options });
  try {
    return await session.run({ x: X });
  } finally {
    await session.release();
  }
}

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

describe('writeOnnxModel', () => {
  it('carries names, symbolic and fixed dimensions', async () => {
    const bytes = model({
      nodes: [node('Identity', ['x'], 'y')],
      outputs: [{ name: 'y', type: 'float32', shape: ['rows', 2] }],
    });
    const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
    expect(session.inputNames).toEqual(['x']);
    expect(session.outputNames).toEqual(['y']);
    expect(session.inputMetadata[0]).toMatchObject({ name: 'x', isTensor: true, type: 'float32', shape: ['rows', 2] });
    await session.release();
  });

  it('carries constants inside the model and in an external file', async () => {
    const bytes = model({
      nodes: [node('Add', ['x', 'inside'], 'sum'), node('Mul', ['sum', 'outside'], 'y')],
      outputs: [{ name: 'y', type: 'float32', shape: ['rows', 2] }],
      initializers: [
        { name: 'inside', type: 'float32', shape: [2], data: floats(10, 20) },
        { name: 'outside', type: 'float32', shape: [2], data: { file: 'w.bin', offset: 64, byteLength: 8 } },
      ],
    });
    const file = new Uint8Array(72);
    file.set(floats(1, -1), 64);
    const { y } = await run(bytes, { externalData: [{ path: 'w.bin', data: file }] });
    expect(y?.data).toEqual(Float32Array.of(11, -22, 13, -24));
  });

  it('carries attributes: negative and positive whole numbers, lists, floats, text', async () => {
    const bytes = model({
      nodes: [
        node('Softmax', ['x'], 'soft', { axis: { int: -2 } }),
        node('Transpose', ['x'], 'swapped', { perm: { ints: [1, 0] } }),
        node('Elu', ['x'], 'elu', { alpha: { float: 0.5 } }),
        node('Pad', ['x', 'pads'], 'padded', { mode: { string: 'edge' } }),
      ],
      initializers: [
        { name: 'pads', type: 'int64', shape: [4], data: new Uint8Array(BigInt64Array.of(0n, 0n, 0n, 1n).buffer) },
      ],
      outputs: ['soft', 'swapped', 'elu', 'padded'].map((name) => ({ name, type: 'float32', shape: ['a', 'b'] })),
    });
    const { soft, swapped, padded } = await run(bytes);
    const [first = 0] = soft?.data as Float32Array;
    expect(first).toBeCloseTo(1 / (1 + Math.exp(2)), 6); // over rows: e¹ / (e¹ + e³)
    expect(swapped?.data).toEqual(Float32Array.of(1, 3, 2, 4));
    expect(padded?.data).toEqual(Float32Array.of(1, 2, 2, 3, 4, 4));
  });

  it('leaves an optional input out', async () => {
    const bytes = model({
      nodes: [node('Clip', ['x', '', 'high'], 'y')],
      outputs: [{ name: 'y', type: 'float32', shape: ['rows', 2] }],
      initializers: [{ name: 'high', type: 'float32', shape: [], data: floats(2.5) }],
    });
    expect((await run(bytes))['y']?.data).toEqual(Float32Array.of(1, 2, 2.5, 2.5));
  });

  it('carries constants of every type that the graphs use', async () => {
    const bytes = model({
      nodes: ['uint8', 'int8', 'int32', 'int64', 'float16'].map((type) =>
        node('Cast', [type], `y.${type}`, { to: { int: 1 } }),
      ),
      outputs: ['uint8', 'int8', 'int32', 'int64', 'float16'].map((type) => ({
        name: `y.${type}`,
        type: 'float32',
        shape: [1],
      })),
      initializers: [
        { name: 'uint8', type: 'uint8', shape: [1], data: Uint8Array.of(200) },
        { name: 'int8', type: 'int8', shape: [1], data: new Uint8Array(Int8Array.of(-5).buffer) },
        { name: 'int32', type: 'int32', shape: [1], data: new Uint8Array(Int32Array.of(-70000).buffer) },
        { name: 'int64', type: 'int64', shape: [1], data: new Uint8Array(BigInt64Array.of(-9n).buffer) },
        { name: 'float16', type: 'float16', shape: [1], data: new Uint8Array(Uint16Array.of(0xc000).buffer) },
      ],
    });
    const results = await run(bytes);
    expect(Object.entries(results).map(([name, { data }]) => [name, (data as Float32Array)[0]])).toEqual([
      ['y.uint8', 200],
      ['y.int8', -5],
      ['y.int32', -70000],
      ['y.int64', -9],
      ['y.float16', -2],
    ]);
  });
});
