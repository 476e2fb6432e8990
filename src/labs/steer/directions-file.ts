import { LabError } from '../../core/errors.ts';
import { residPost } from '../../engine/run/residual-sites.ts';
import { writeSafetensors, type Float32Tensor } from '../../formats/bytes/safetensors.ts';
import type { DirectionsSnapshot } from './growing-directions.ts';
import type { SteeringDefaults } from './model-source.ts';
import type { ModelRef } from '../models/checkpoint-ref.ts';

/**
 * Tensors `resid_post.<layer>.<name>` [hidden] of all directions as one safetensors file. Directions of length 0 are left out and listed
 * in its metadata, with how many prompts each direction is made from.
 * @throws LabError `bad-request`, when there are no directions yet
 */
export function directionsFile(
  snapshot: DirectionsSnapshot | null,
  source: ModelRef,
  set: string,
  { pooling }: SteeringDefaults,
): Uint8Array {
  if (snapshot === null) {
    throw new LabError('bad-request', 'There are no directions to export yet.', 'Wait until they have been computed.');
  }
  const { layers: directions, counts, prompts } = snapshot;
  const tensors = directions.flatMap((layer, index) =>
    layer
      .filter(({ norm }) => norm > 0)
      .map(({ name, vector }): [string, Float32Tensor] => [
        `${residPost(index)}.${name}`,
        { shape: [vector.length], data: vector },
      ]),
  );
  const none = directions.flatMap((layer, index) =>
    layer.filter(({ norm }) => norm === 0).map(({ name }) => `${residPost(index)}.${name}`),
  );
  const model =
    source.kind === 'built-in' ? { model: source.ladder, revision: source.revision } : { model: source.name };
  return writeSafetensors(Object.fromEntries(tensors), {
    ...model,
    pooling,
    prompt_set: set,
    prompts: String(prompts),
    prompts_of: JSON.stringify(counts),
    ...(none.length > 0 && { length_zero: none.join(' ') }),
  });
}
