/** `--steer`, `--layer`, `--lambda`: a direction file, where to add it and how strongly. */
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import { firstNotFinite, scale } from '../../src/core/linalg/vectors.ts';
import { readDirectionFile } from '../../src/formats/study/direction-file.ts';
import { checkLayer, type OpenedCheckpoint } from './checkpoint-options.ts';
import { UsageError, type Options, type OptionSpec } from '../command.ts';
import { openFile } from '../files/folder.ts';

export const steeringOptions: Readonly<Record<'steer' | 'layer' | 'lambda', OptionSpec>> = {
  steer: { type: 'string', value: 'FILE', help: 'direction file to add to resid_post at every position' },
  layer: { type: 'string', value: 'L', help: 'the layer to steer (the first is 0)' },
  lambda: { type: 'string', value: 'X', help: 'factor that the direction is multiplied by' },
};

/** The steering that the options ask for, before any file is opened. */
export interface SteeringChoice {
  readonly path: string; // the direction file
  readonly layer: number;
  readonly lambda: number;
}

/**
 * Null if the options ask for no steering.
 * @throws UsageError when they are incomplete or malformed
 */
export function steeringChoice(options: Options): SteeringChoice | null {
  const given = Object.keys(steeringOptions).filter((name) => options.has(name));
  if (given.length === 0) return null;
  if (given.length < 3) {
    throw new UsageError(`--steer, --layer and --lambda must be given together, not only --${given.join(' and --')}`);
  }
  return { path: options.text('steer'), layer: options.count('layer'), lambda: options.number('lambda') };
}

/** Builds the steering tensor [layers, rows, hidden] for any number of rows; null if there is no steering. */
export type SteeringOfRows = (rows: number) => Float32Array | null;

/**
 * Reads the direction.
 * @throws LabError when the file or the layer does not fit the model
 */
export async function readSteering(
  choice: SteeringChoice | null,
  checkpoint: OpenedCheckpoint,
): Promise<SteeringOfRows> {
  if (choice === null) return () => null;
  const { path, layer, lambda } = choice;
  const { hiddenSize, layers } = checkpoint.model.config;
  checkLayer(layer, layers, checkpoint.label);
  const source = await openFile(path);
  if (source === null) throw new LabError('not-found', `${shown(path)} cannot be read.`, 'Check the path.');
  const { direction } = await readDirectionFile(source);
  if (direction.length !== hiddenSize) {
    const problem = `${shown(path)}: the direction has ${direction.length} dimensions; ${shown(checkpoint.label)} has ${hiddenSize}.`;
    throw new LabError('format', problem, 'Use a direction computed on the same model.');
  }
  if (direction.every((value) => value === 0)) {
    const problem = `${shown(path)}: the direction is all zeros.`;
    throw new LabError('format', problem, 'Compute it from prompts of two different classes.');
  }
  const offset = Float32Array.from(scale(direction, lambda));
  if (firstNotFinite(offset) >= 0) {
    const problem = `${shown(path)} times ${lambda} exceeds the range of float32.`;
    throw new LabError('bad-request', problem, 'Use a smaller --lambda.');
  }
  return (rows) => {
    const tensor = new Float32Array(layers * rows * hiddenSize);
    for (let row = 0; row < rows; row++) tensor.set(offset, (layer * rows + row) * hiddenSize);
    return tensor;
  };
}
