/**
 * Writing ONNX models: the part of onnx.proto that the lab's graphs use, on a protobuf writer.
 * Field numbers: github.com/onnx/onnx, onnx/onnx.proto (IR version 10).
 */
import { PbfWriter } from 'pbf';

const IR_VERSION = 10;
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;
const EXTERNAL = 1; // TensorProto.DataLocation

/** TensorProto.DataType. */
export const ONNX_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  float16: 10,
} as const;
export type OnnxType = keyof typeof ONNX_TYPE;

const TYPE_BYTES = { float32: 4, uint8: 1, int8: 1, int32: 4, int64: 8, float16: 2 } as const satisfies Record<
  OnnxType,
  number
>;

/** Bytes of a tensor's data. */
export function byteLengthOf(type: OnnxType, shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, TYPE_BYTES[type]);
}

export type OnnxAttribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly string: string };

export interface OnnxNode {
  readonly op: string;
  readonly domain: string; // '' is ONNX's own
  readonly name: string;
  readonly inputs: readonly string[]; // '' leaves an optional input out
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** A graph input or output. A string dimension is symbolic. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly (number | string)[];
}

/** A constant of the graph: its bytes inside the model, or a range of an external file. */
export interface OnnxInitializer {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  readonly data:
    | Uint8Array
    | {
        readonly file: string;
        readonly offset: number;
        readonly byteLength: number;
      };
}

export interface OnnxModel {
  readonly graphName: string;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly initializers: readonly OnnxInitializer[];
  readonly opsets: Readonly<Record<string, number>>; // domain → version
}

/** The bytes of an ONNX ModelProto. */
export function writeOnnxModel(model: OnnxModel): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, IR_VERSION);
  pbf.writeStringField(2, 'harmscope');
  pbf.writeMessage(7, writeGraph, model);
  for (const opset of Object.entries(model.opsets)) pbf.writeMessage(8, writeOpset, opset);
  return pbf.finish();
}

function writeOpset([domain, version]: [string, number], pbf: PbfWriter): void {
  pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
}

function writeGraph(graph: OnnxModel, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, graph.graphName);
  for (const initializer of graph.initializers) pbf.writeMessage(5, writeTensor, initializer);
  for (const input of graph.inputs) pbf.writeMessage(11, writeValueInfo, input);
  for (const output of graph.outputs) pbf.writeMessage(12, writeValueInfo, output);
}

function writeNode(node: OnnxNode, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input);
  for (const output of node.outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(3, node.name);
  pbf.writeStringField(4, node.op);
  for (const attribute of Object.entries(node.attributes)) pbf.writeMessage(5, writeAttribute, attribute);
  pbf.writeStringField(7, node.domain);
}

function writeAttribute([name, value]: [string, OnnxAttribute], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if ('float' in value) {
    pbf.writeFloatField(2, value.float);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.float);
  } else if ('int' in value) {
    pbf.writeVarintField(3, value.int);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.int);
  } else if ('string' in value) {
    pbf.writeStringField(4, value.string);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.string);
  } else {
    for (const item of value.ints) pbf.writeVarintField(8, item);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.ints);
  }
}

function writeTensor(tensor: OnnxInitializer, pbf: PbfWriter): void {
  for (const size of tensor.shape) pbf.writeVarintField(1, size);
  pbf.writeVarintField(2, ONNX_TYPE[tensor.type]);
  pbf.writeStringField(8, tensor.name);
  if (tensor.data instanceof Uint8Array) {
    pbf.writeBytesField(9, tensor.data);
    return;
  }
  const { file, offset, byteLength } = tensor.data;
  const entries: [string, string][] = [
    ['location', file],
    ['offset', String(offset)],
    ['length', String(byteLength)],
  ];
  for (const entry of entries) pbf.writeMessage(13, writeStringEntry, entry);
  pbf.writeVarintField(14, EXTERNAL);
}

function writeStringEntry([key, value]: [string, string], pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeValueInfo(value: OnnxValue, pbf: PbfWriter): void {
  pbf.writeStringField(1, value.name);
  pbf.writeMessage(2, writeType, value);
}

function writeType(value: OnnxValue, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, value);
}

function writeTensorType(value: OnnxValue, pbf: PbfWriter): void {
  pbf.writeVarintField(1, ONNX_TYPE[value.type]);
  pbf.writeMessage(2, writeShape, value.shape);
}

function writeShape(shape: readonly (number | string)[], pbf: PbfWriter): void {
  for (const dimension of shape) pbf.writeMessage(1, writeDimension, dimension);
}

function writeDimension(dimension: number | string, pbf: PbfWriter): void {
  if (typeof dimension === 'number') pbf.writeVarintField(1, dimension);
  else pbf.writeStringField(2, dimension);
}
