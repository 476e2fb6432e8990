/** Where every encoded weight of a graph lies in a converted model's files, known before a byte of the checkpoint is read. */
import { LabError } from '../../core/errors.ts';
import { byteLengthOf, type OnnxType } from '../../formats/onnx.ts';
import { WHOLE_WEIGHTS, type WeightDeclaration, type WeightLayout } from '../graph/builder.ts';
import type { BlockSize } from '../../formats/quantised-blocks.ts';

const ALIGNMENT = 64; // of each value in its file: a cache line, and more than any element type needs
/** ONNX Runtime's 32-bit build takes offsets below 4 GB; files of 1 GiB also suit small disks and one ArrayBuffer each. */
const MAX_FILE_BYTES = 2 ** 30;
/** Weights of a part where an encoding is transposed: 67 MB of float32, and no matrix of a 1B model but the head is cut. */
const PART_WEIGHTS = 2 ** 24;

/** The layout of weights in a converted model. */
export function storedLayout(blockSize: BlockSize = WHOLE_WEIGHTS.blockSize): WeightLayout {
  return { blockSize, partWeights: PART_WEIGHTS };
}

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

/** Lays the values out one after another, a weight's values never apart, in files of at most `maxFileBytes`. */
export function layOutFiles(weights: readonly WeightDeclaration[], maxFileBytes = MAX_FILE_BYTES): FileLayout {
  const placements = new Map<string, Placement>();
  const files = new Map<string, number>();
  let index = 0;
  let offset = 0;
  for (const weight of weights) {
    const values = weight.values.map((value) => ({ ...value, byteLength: byteLengthOf(value.type, value.shape) }));
    const total = values.reduce((sum, { byteLength }) => sum + align(byteLength), 0);
    if (offset > 0 && offset + total > maxFileBytes) [index, offset] = [index + 1, 0];
    const file = weightsFile(index);
    for (const value of values) {
      placements.set(value.name, { ...value, file, offset });
      files.set(file, offset + value.byteLength);
      offset += align(value.byteLength);
    }
  }
  return { placements, files };
}

export const weightsFile = (index: number): string => `weights-${index}.bin`;

const align = (offset: number): number => Math.ceil(offset / ALIGNMENT) * ALIGNMENT;

/** The places of a weight's values, in their order. */
export function placesOf(layout: FileLayout, { values, tensor }: WeightDeclaration): readonly Placement[] {
  return values.map(({ name }) => {
    const place = layout.placements.get(name);
    if (place === undefined) throw new LabError('internal', `${tensor} has no place for ${name}.`, 'Report it.');
    return place;
  });
}
