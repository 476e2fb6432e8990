/** A decoder graph and its weights, packed into what ONNX Runtime loads. */
import { LabError } from '../../core/errors.ts';
import { byteLengthOf, writeOnnxModel, type OnnxInitializer, type OnnxValue } from '../../formats/bytes/onnx.ts';
import type { CheckpointTensors } from '../checkpoint/checkpoint-tensors.ts';
import { checkHiddenWeights } from '../run/finite-checks.ts';
import type { WeightDeclaration } from './builder.ts';
import type { DecoderGraph } from './decoder.ts';
import { encodeWeight } from './encode-weight.ts';

const WEIGHTS_FILE = 'weights.bin';
const ALIGNMENT = 64; // of each weight in the file: a cache line, and more than any element type needs
const OPSETS = { '': 17, 'com.microsoft': 1 }; // 17 brings LayerNormalization

export interface ModelBundle {
  readonly model: Uint8Array; // the ONNX file
  readonly weights: Uint8Array; // its external data
  readonly weightsFile: string;
}

/** Weights inside the session: the model plus one external file of encoded weights, read tensor by tensor. */
export async function bundleWithInitializers(
  graph: DecoderGraph,
  tensors: CheckpointTensors,
  onWeight: (done: number, total: number, tensor: string) => void = () => undefined,
): Promise<ModelBundle> {
  const { initializers, byteLength } = layOut(graph.weights);
  for (const { tensor, shape } of graph.weights) await tensors.locate(tensor, shape); // before room is made for a size that is wrong
  const weights = roomFor(byteLength);
  let next = 0;
  for (const [index, weight] of graph.weights.entries()) {
    onWeight(index, graph.weights.length, weight.tensor);
    const data = await tensors.read(weight.tensor, weight.shape);
    checkHiddenWeights(data, tensors.fileOf(weight.tensor), weight.tensor);
    for (const bytes of encodeWeight(weight, data)) {
      const place = initializers[next++]?.data;
      if (place === undefined || place instanceof Uint8Array || place.byteLength !== bytes.byteLength) {
        throw new LabError(
          'internal',
          `${weight.tensor} was encoded to ${bytes.byteLength} unexpected bytes.`,
          'This is a bug: please report it.',
        );
      }
      weights.set(bytes, place.offset);
    }
  }
  onWeight(graph.weights.length, graph.weights.length, '');
  return {
    model: write(graph, [...graph.constants, ...initializers], graph.inputs),
    weights,
    weightsFile: WEIGHTS_FILE,
  };
}

function roomFor(byteLength: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(byteLength);
  } catch (cause) {
    const problem = `The weights of this checkpoint take ${(byteLength / 1e9).toFixed(1)} GB, more than can be held at once.`;
    throw new LabError('device', problem, 'Convert it to fewer bits first: a converted model stays in its files.', {
      cause,
    });
  }
}

/** The weights in several files, as they were laid out when they were written. */
export interface StoredBundle {
  readonly model: Uint8Array; // the ONNX file
  readonly external: readonly { readonly path: string; readonly data: Uint8Array | Blob }[];
}

/** Weights that lie in files already: the model that refers to them. */
export function bundleWithFiles(
  graph: Pick<DecoderGraph, 'nodes' | 'inputs' | 'outputs' | 'constants'>,
  places: readonly OnnxInitializer[],
): Uint8Array {
  return write(graph, [...graph.constants, ...places], graph.inputs);
}

/** Weights as inputs: one small program that any layer's weights can be fed to. */
export function bundleWithInputs(graph: DecoderGraph): Uint8Array {
  const weightInputs = graph.weights.flatMap((weight) => weight.values);
  return write(graph, graph.constants, [...graph.inputs, ...weightInputs]);
}

function write(
  graph: Pick<DecoderGraph, 'nodes' | 'inputs' | 'outputs'>,
  initializers: readonly OnnxInitializer[],
  inputs: readonly OnnxValue[],
): Uint8Array {
  const { nodes, outputs } = graph;
  return writeOnnxModel({
    graphName: 'olmo',
    nodes,
    inputs,
    outputs,
    initializers,
    opsets: OPSETS,
  });
}

function layOut(weights: readonly WeightDeclaration[]): {
  initializers: OnnxInitializer[];
  byteLength: number;
} {
  let offset = 0;
  const initializers = weights.flatMap((weight) =>
    weight.values.map(({ name, type, shape }) => {
      const byteLength = byteLengthOf(type, shape);
      const data = { file: WEIGHTS_FILE, offset, byteLength };
      offset = Math.ceil((offset + byteLength) / ALIGNMENT) * ALIGNMENT;
      return { name, type, shape, data };
    }),
  );
  return { initializers, byteLength: offset };
}
