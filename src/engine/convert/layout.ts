/** Where every encoded weight of a graph lies in a converted model's files, known before a byte of the checkpoint is read. */
import { LabError } from '../../core/errors.ts';
import { byteLengthOf, type OnnxType } from '../../formats/bytes/onnx.ts';
import type { WeightDeclaration } from '../graph/builder.ts';
import { weightsFile } from './file-names.ts';

const ALIGNMENT = 64; // of each value in its file: a cache line, and more than any element type needs

/** How much is handled at once. The same checkpoint converted under other limits gives other files. */
export interface ConvertLimits {
  /** ONNX Runtime's 32-bit build takes offsets below 4 GB; files of 1 GiB also suit small disks and one ArrayBuffer each. */
  readonly fileBytes: number;
  /** Weights of a part where an encoding is transposed: 67 MB of float32, and no matrix of a 1B model but the head is cut. */
  readonly partWeights: number;
  /** Read at once where a tensor can be encoded row by row. */
  readonly chunkBytes: number;
}

export const CONVERT_LIMITS: ConvertLimits = { fileBytes: 2 ** 30, partWeights: 2 ** 24, chunkBytes: 16e6 };

/** One graph value as a range of a file. */
export interface Placement {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  readonly file: string;
  readonly offset: number;
  readonly byteLength: number;
}

export interface FileLayout {
  readonly placements: ReadonlyMap<string, Placement>; // by the value's name
  readonly files: ReadonlyMap<string, number>; // bytes
}

/** Lays the values out one after another, a weight's values never apart, in files of at most `fileBytes`. */
export function layOutFiles(weights: readonly WeightDeclaration[], fileBytes: number): FileLayout {
  const placements = new Map<string, Placement>();
  const files = new Map<string, number>();
  let index = 0;
  let offset = 0;
  for (const weight of weights) {
    const values = weight.values.map((value) => ({ ...value, byteLength: byteLengthOf(value.type, value.shape) }));
    const total = values.reduce((sum, { byteLength }) => sum + align(byteLength), 0);
    if (offset > 0 && offset + total > fileBytes) [index, offset] = [index + 1, 0];
    const file = weightsFile(index);
    for (const value of values) {
      placements.set(value.name, { ...value, file, offset });
      files.set(file, offset + value.byteLength);
      offset += align(value.byteLength);
    }
  }
  return { placements, files };
}

const align = (offset: number): number => Math.ceil(offset / ALIGNMENT) * ALIGNMENT;

/** The places of a weight's values, in their order. */
export function placesOf(layout: FileLayout, { values, tensor }: WeightDeclaration): readonly Placement[] {
  return values.map(({ name }) => {
    const place = layout.placements.get(name);
    if (place === undefined)
      throw new LabError('internal', `${tensor} has no place for ${name}.`, 'This is a bug: please report it.');
    return place;
  });
}
