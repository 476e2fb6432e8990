/** `--steer`, `--layer`, `--lambda`: a direction file and how hard it pushes. */
import { LabError } from '../src/core/errors.ts';
import { scale } from '../src/core/vectors.ts';
import { readDirectionFile } from '../src/formats/direction-file.ts';
import { layerOf, type OpenedCheckpoint } from './checkpoints.ts';
import { UsageError, type Options, type OptionSpec } from './command.ts';
import { openFile } from './folder.ts';

export const steeringOptions: Readonly<Record<'steer' | 'layer' | 'lambda', OptionSpec>> = {
  steer: { type: 'string', value: 'FILE', help: 'a direction to add to resid_post at every position' },
  layer: { type: 'string', value: 'L', help: 'the layer that is steered, from 0' },
  lambda: { type: 'string', value: 'X', help: 'how many times the direction is added' },
};

/** Builds the steering tensor [layers, rows, 1, hidden] for any number of rows. */
export type SteeringOfRows = (rows: number) => Float32Array | null;

/** What the options ask for. Throws where they are incomplete or the file does not fit the model. */
export async function readSteering(options: Options, checkpoint: OpenedCheckpoint): Promise<SteeringOfRows> {
  const given = Object.keys(steeringOptions).filter((name) => options.has(name));
  if (given.length === 0) return () => null;
  if (given.length < 3)
    throw new UsageError(`--steer, --layer and --lambda go together; given: --${given.join(', --')}`);
  const path = options.text('steer');
  const lambda = options.number('lambda');
  const layer = layerOf(options, checkpoint);
  const source = await openFile(path);
  if (source === null) throw new LabError('not-found', `${path} cannot be read.`, 'Check the path.');
  const { direction } = await readDirectionFile(source);
  const { hiddenSize, layers } = checkpoint.model.config;
  if (direction.length !== hiddenSize) {
    const problem = `${path}: the direction has ${direction.length} dimensions; ${checkpoint.label} has ${hiddenSize}.`;
    throw new LabError('format', problem, 'Use a direction of the same model.');
  }
  const push = scale(direction, lambda);
  return (rows) => {
    const tensor = new Float32Array(layers * rows * hiddenSize);
    for (let row = 0; row < rows; row++) tensor.set(push, (layer * rows + row) * hiddenSize);
    return tensor;
  };
}
