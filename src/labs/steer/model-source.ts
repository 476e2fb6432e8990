/** Where an open model comes from, and what is chosen for it where nobody chose. */
import type { Pooling } from '../../core/probes/pooling.ts';
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { StoredModel } from '../../engine/convert/model-folder.ts';
import { requireManifest } from '../../engine/convert/open-converted.ts';
import type { Manifest } from '../../engine/convert/manifest.ts';
import type { PromptTemplate } from '../../formats/prompts/prompt-template.ts'; // of its folder in this browser

export interface SteeringDefaults {
  readonly steeringLayer: number;
  readonly directionTemplate: PromptTemplate;
  readonly pooling: Pooling;
}

/** The study's layer 15 of 32, at the same relative depth. */
const STEERING_DEPTH = 15 / 32;

export function storedDefaults(layers: number): SteeringDefaults {
  const steeringLayer = Math.min(layers - 1, Math.round(layers * STEERING_DEPTH));
  return { steeringLayer, directionTemplate: 'chat', pooling: 'last' };
}

/** Throws `not-found` where this browser keeps no finished model of that name. */
export async function requireStored(
  name: string,
  folder: StoredModel | null,
): Promise<{ readonly folder: StoredModel; readonly manifest: Manifest }> {
  if (folder === null) {
    const nextStep =
      'Add it under this name on the Checkpoints page, from the Hub, a folder or a pack, or choose another checkpoint.';
    throw new LabError('not-found', `The model “${shown(name)}” is not saved in this browser.`, nextStep);
  }
  return { folder, manifest: await requireManifest(folder) };
}
