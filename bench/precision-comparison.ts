/** How far what one precision computes is from what another does. */
import { klDivergence, top1Agreement } from '../src/core/divergence.ts';
import { cosine } from '../src/core/vectors.ts';
import type { PrecisionReading } from './precision-reading.ts';

export interface PrecisionComparison {
  readonly kl: number; // nats, mean over prompts
  readonly top1: number; // share of prompts with the same likeliest next token
  readonly worstResidual: number; // cosine, least of all prompts, layers and positions but the first
  readonly worstDirection: number; // cosine, least of all layers
  readonly meanDirection: number;
}

export function compareReadings(exact: PrecisionReading, rounded: PrecisionReading): PrecisionComparison {
  const none = new Float32Array();
  const pairs = exact.logits.map((p, index) => [p, rounded.logits[index] ?? none] as const);
  const directions = exact.directions.map((direction, layer) =>
    cosine(direction, rounded.directions[layer] ?? direction),
  );
  return {
    kl: mean(pairs.map(([p, q]) => klDivergence(p, q))),
    top1: mean(pairs.map(([p, q]) => top1Agreement(p, q, p.length))),
    worstResidual: worstResidual(exact, rounded),
    worstDirection: Math.min(...directions),
    meanDirection: mean(directions),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The first token is left out: in real models it is an attention sink, whose residual no other token's resembles. */
function worstResidual(exact: PrecisionReading, rounded: PrecisionReading): number {
  const { hiddenSize } = exact;
  let worst = 1;
  for (const [prompt, layers] of exact.residuals.entries()) {
    for (const [layer, values] of layers.entries()) {
      const others = rounded.residuals[prompt]?.[layer] ?? new Float32Array();
      for (let at = hiddenSize; at < values.length; at += hiddenSize) {
        worst = Math.min(worst, cosine(values.subarray(at, at + hiddenSize), others.subarray(at, at + hiddenSize)));
      }
    }
  }
  return worst;
}
