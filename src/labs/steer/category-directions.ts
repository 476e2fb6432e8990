/**
 * The eight directions of a checkpoint at every layer: the mean of a harm's training prompts minus the mean of the safe ones, with the
 * values needed to interpret projections on them.
 */
import type { PromptTemplate } from '../../formats/prompts/prompt-template.ts';
import { auroc } from '../../core/statistics/auroc.ts';
import { DIRECTION_LABELS, DIRECTION_NAMES, type DirectionName } from '../../core/categories.ts';
import { CentroidAccumulator } from '../../core/linalg/centroids.ts';
import { checkDirection, isDirection, meanDifference, projection } from '../../core/probes/directions.ts';
import { LabError } from '../../core/errors.ts';
import type { Pooling } from '../../core/probes/pooling.ts';
import { norm } from '../../core/linalg/vectors.ts';
import type { Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import { extractResiduals } from '../../engine/run/residuals.ts';
import type { OlmoTokenizer } from '../../engine/tokens/tokenizer.ts';
import type { Prompt } from '../../formats/prompts/prompt-set.ts';

export interface LayerDirection {
  readonly name: DirectionName;
  readonly vector: Float32Array; // [hidden]: μ(harm) − μ(safe)
  readonly norm: number;
  readonly harmfulMean: number; // mean of a·d/‖d‖ over the harm's training prompts
  readonly safeMean: number; // the same over the safe training prompts
  readonly auroc: number; // harmful versus safe on held-out prompts
}

/** [layer][name], names in the order of `DIRECTION_NAMES`. */
export type CategoryDirections = readonly (readonly LayerDirection[])[];

export interface DirectionsRequest {
  readonly train: readonly Prompt[];
  readonly test: readonly Prompt[];
  readonly template: PromptTemplate;
  readonly pooling: Pooling;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void; // counted in prompts
}

/** Token ids of a prompt after the template is applied. */
export function encodePrompt(tokenizer: OlmoTokenizer, text: string, template: PromptTemplate): number[] {
  return template === 'chat' ? tokenizer.encodeChat([{ role: 'user', content: text }]) : tokenizer.encode(text);
}

/**
 * Extracts all layers in one pass over the prompts.
 * @throws LabError `interrupted` after an abort; `bad-request`, when a class is empty
 */
export async function computeCategoryDirections(
  checkpoint: Checkpoint,
  request: DirectionsRequest,
): Promise<CategoryDirections> {
  const { train, test, template, pooling, signal, onProgress } = request;
  const layers = Array.from({ length: checkpoint.model.config.layers }, (_, layer) => layer);
  const all = [...train, ...test];
  const residuals = await extractResiduals(checkpoint.model, {
    prompts: checkpoint.tokenizer.tokenizing(() =>
      all.map(({ text }) => encodePrompt(checkpoint.tokenizer, text, template)),
    ),
    layers,
    pooling,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
  const hidden = checkpoint.model.config.hiddenSize;
  const directions = layers.map((layer) => {
    const values = residuals.get(layer) ?? new Float32Array();
    const row = (index: number): Float32Array => values.subarray(index * hidden, (index + 1) * hidden);
    const inTrain = new Activations(train, row, hidden);
    const inTest = new Activations(test, (index) => row(train.length + index), hidden);
    return DIRECTION_NAMES.map((name) => layerDirection(name, inTrain, inTest, `${checkpoint.label}, layer ${layer}`));
  });
  checkAnyLayer(directions, checkpoint.label);
  return directions;
}

/** Throws if a direction has length 0 at every layer: this checkpoint does not distinguish its prompts from the safe ones. */
function checkAnyLayer(directions: CategoryDirections, label: string): void {
  const none = DIRECTION_NAMES.find((_, index) => directions.every((layer) => layer[index]?.norm === 0));
  if (none === undefined) return;
  const problem = `${label}: the prompts of ${DIRECTION_LABELS[none]} and the safe ones have the same mean activation at every layer.`; // prettier-ignore
  throw new LabError('bad-request', problem, 'Use prompts of two different classes.');
}

/** The activations of one prompt set at one layer, by class. */
class Activations {
  readonly #prompts: readonly Prompt[];
  readonly #row: (index: number) => Float32Array;
  readonly #hidden: number;

  constructor(prompts: readonly Prompt[], row: (index: number) => Float32Array, hidden: number) {
    this.#prompts = prompts;
    this.#row = row;
    this.#hidden = hidden;
  }

  /** Rows of one harm, of all harms for `general`, or of the safe prompts. */
  of(name: DirectionName | 'safe'): Float32Array[] {
    const rows = this.#prompts.flatMap(({ label, category }, index) => {
      const isWanted =
        name === 'safe' ? label === 'safe' : label === 'harmful' && (name === 'general' || name === category);
      return isWanted ? [this.#row(index)] : [];
    });
    if (rows.length === 0) {
      throw new LabError(
        'bad-request',
        `The prompt set has no prompts of ${name}.`,
        'Add some, or choose another set.',
      );
    }
    return rows;
  }

  centroid(name: DirectionName | 'safe'): Float64Array {
    const centroid = new CentroidAccumulator(this.#hidden);
    for (const row of this.of(name)) centroid.add(row);
    return centroid.mean();
  }

  /** a·d/‖d‖ of every row. */
  scores(name: DirectionName | 'safe', direction: Float64Array): Float64Array {
    return Float64Array.from(this.of(name), (row) => projection(row, direction));
  }
}

/**
 * The direction of one layer. It has length 0 if both classes have the same mean activation, as at the first layer of a model whose
 * sliding window is shorter than the end of the chat template.
 * @param where for the error about activations that are not finite
 */
function layerDirection(name: DirectionName, train: Activations, test: Activations, where: string): LayerDirection {
  const harmful = train.centroid(name);
  const safe = train.centroid('safe');
  const direction = meanDifference(harmful, safe);
  if (!isDirection(direction, harmful, safe)) {
    const of = `the prompts of ${DIRECTION_LABELS[name]} and the safe ones`;
    if (!Number.isFinite(norm(direction))) checkDirection(direction, harmful, safe, { where, of });
    const vector = new Float32Array(direction.length);
    return { name, vector, norm: 0, harmfulMean: 0, safeMean: 0, auroc: 0.5 };
  }
  return {
    name,
    vector: Float32Array.from(direction),
    norm: norm(direction),
    harmfulMean: projection(harmful, direction),
    safeMean: projection(safe, direction),
    auroc: auroc(test.scores(name, direction), test.scores('safe', direction)),
  };
}
