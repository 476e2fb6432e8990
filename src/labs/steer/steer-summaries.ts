/** What the page is told of the open model and its directions, as plain data. */
import { DIRECTION_NAMES } from '../../core/categories.ts';
import type { LayerDirection } from './category-directions.ts';
import type { DirectionGrowth } from './direction-growth.ts';
import type { DirectionsSnapshot } from './growing-directions.ts';
import type { DirectionAtLayer, DirectionsSummary, ModelSummary } from './steer-messages.ts';
import type { ModelRef } from '../models/checkpoint-ref.ts';
import type { OpenedModel } from './open-model.ts';

type SourcedModel = OpenedModel & { readonly source: ModelRef };

export function summariseDirections(
  { source, set }: { readonly source: ModelRef; readonly set: string },
  { read, total, isStored, storageProblem }: DirectionGrowth,
  { prompts, counts, layers }: DirectionsSnapshot,
): DirectionsSummary {
  return {
    ...{ source, set, cached: isStored, storageProblem, prompts, counts, read, total, names: DIRECTION_NAMES },
    layers: layers.map((layer) => layer.map(withoutVector)),
  };
}

/** A vector of thousands of dimensions has no business on the page. */
function withoutVector({ name, norm, harmfulMean, safeMean, auroc, certainty }: LayerDirection): DirectionAtLayer {
  return { name, norm, harmfulMean, safeMean, auroc, certainty };
}

export function summarise({ source, checkpoint: { label, model, tokenizer }, defaults }: SourcedModel): ModelSummary {
  const { family, layers, hiddenSize, vocabSize } = model.config;
  const { parameters, contextLength, weightBytes, precision, runtime } = model;
  return {
    ...{ source, label: source.kind === 'built-in' ? source.revision : label, steeringLayer: defaults.steeringLayer },
    ...{ family, layers, hiddenSize, vocabSize, parameters, contextLength, weightBytes, precision },
    chat: tokenizer.hasChatTemplate,
    provider: runtime.provider,
    providerReason: runtime.reason,
    threads: runtime.threads,
  };
}
