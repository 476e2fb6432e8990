/** Collects the nodes, weights and constants of one ONNX graph. */
import type { OnnxAttribute, OnnxInitializer, OnnxNode, OnnxType, OnnxValue } from '../../formats/bytes/onnx.ts';
import { Q4_BLOCK, type BlockSize } from '../../formats/weights/quantised-blocks.ts';

/** ONNX Runtime's own operators. */
export const MICROSOFT = 'com.microsoft';

/** How weights are cut up, which whoever wrote them and whoever reads them must agree on. */
export interface WeightLayout {
  readonly blockSize: BlockSize; // of q4 and q8
  /** A matrix whose encoding is transposed is cut into parts of at most so many weights, so that it can be encoded part by part. */
  readonly partWeights: number;
}

export const WHOLE_WEIGHTS: WeightLayout = { blockSize: Q4_BLOCK, partWeights: Infinity };

/** How a checkpoint's tensor becomes weights of the graph. */
type WeightEncoding =
  | 'vector' // [size] float32 as it is
  | 'transposed' // [columns, rows] float32, as MatMul wants its right side
  | 'float16' // [columns, rows] float16
  | 'q8' // MatMulNBits: levels, scales
  | 'q4' // MatMulNBits: packed, scales, zero points
  | 'int8'; // MatMulIntegerToFloat: values, scales

/** One tensor of the checkpoint and the graph values that are made of it. */
export interface WeightDeclaration {
  readonly tensor: string; // its name in the checkpoint
  readonly shape: readonly number[]; // its shape there: [rows, columns] or [size]
  readonly rows?: readonly [from: number, to: number]; // the part of a matrix that this is; all of it by default
  readonly encoding: WeightEncoding;
  readonly blockSize?: BlockSize; // of q4 and q8
  readonly values: readonly OnnxValueSpec[]; // what `encodeWeight` makes, in order
}

/** How many weights a declaration stands for. */
export function weightCount({ shape, rows }: WeightDeclaration): number {
  const [from, to] = rows ?? [0, shape[0] ?? 1];
  return shape.slice(1).reduce((product, size) => product * size, to - from);
}

interface OnnxValueSpec extends OnnxValue {
  readonly shape: readonly number[];
}

export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly weights: WeightDeclaration[] = [];
  readonly constants: OnnxInitializer[] = [];
  readonly layout: WeightLayout;
  readonly #names = new Set<string>();
  readonly #constantNames = new Set<string>();

  constructor(layout: WeightLayout = WHOLE_WEIGHTS) {
    this.layout = layout;
  }

  /** Adds a node with one output and returns that output's name, which is also the node's. */
  node(
    op: string,
    name: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): string {
    this.nodes.push({ op, domain, name, inputs, outputs: [name], attributes });
    this.#names.add(name);
    return name;
  }

  /** Cuts a value into `parts` equal ones along an axis, and returns their names. */
  split(name: string, input: string, axis: number, parts: number): readonly string[] {
    const outputs = Array.from({ length: parts }, (_, part) => `${name}.${part}`);
    this.nodes.push({ op: 'Split', domain: '', name, inputs: [input], outputs, attributes: { axis: { int: axis } } });
    return outputs;
  }

  /** Whether a node of this name was added. */
  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Declares a weight; the same tensor asked for twice is declared once. */
  weight(declaration: WeightDeclaration): readonly string[] {
    const names = declaration.values.map((value) => value.name);
    if (!this.weights.some((weight) => weight.values[0]?.name === names[0])) this.weights.push(declaration);
    return names;
  }

  /** A constant kept inside the model; the same name twice is the same constant. */
  constant(name: string, type: OnnxType, shape: readonly number[], make: () => ArrayBufferView): string {
    if (!this.#constantNames.has(name)) {
      this.#constantNames.add(name);
      const data = make();
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      this.constants.push({ name, type, shape, data: bytes });
    }
    return name;
  }
}
