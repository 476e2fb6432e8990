/** Compares the results of two precisions. */
import { klDivergence, top1Agreement } from '../../src/core/statistics/divergence.ts';
import { cosine } from '../../src/core/linalg/vectors.ts';
import type { PrecisionReading } from './precision-reading.ts';

/** Differences between two sets of logits, averaged over tokens. */
interface Divergence {
  readonly kl: number; // mean KL divergence in nats
  readonly top1: number; // share of tokens with the same likeliest next token
}

export interface PrecisionComparison {
  readonly last: Divergence; // for the token after the prompt
  readonly lastTokens: Divergence; // for the tokens after each of the prompt's last tokens
  readonly worstResidual: number; // smallest cosine over all prompts, layers and positions except the first
  readonly worstDirection: number; // smallest cosine over all layers
  readonly meanDirection: number;
}

export function compareReadings(exact: PrecisionReading, rounded: PrecisionReading): PrecisionComparison {
  const directions = exact.directions.map((direction, layer) =>
    cosine(direction, rounded.directions[layer] ?? direction),
  );
  return {
    last: divergence(exact, rounded, 1),
    lastTokens: divergence(exact, rounded, Infinity),
    worstResidual: worstResidual(exact, rounded),
    worstDirection: Math.min(...directions),
    meanDirection: mean(directions),
  };
}

function divergence(exact: PrecisionReading, rounded: PrecisionReading, tokens: number): Divergence {
  const pairs = exact.logits.flatMap((ofPrompt, prompt) =>
    ofPrompt.slice(0, tokens).map((p, token) => [p, rounded.logits[prompt]?.[token] ?? new Float32Array()] as const),
  );
  return {
    kl: mean(pairs.map(([p, q]) => klDivergence(p, q))),
    top1: mean(pairs.map(([p, q]) => top1Agreement(p, q, p.length))),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Leaves out the first token: in real models it is an attention sink with an unusual residual. */
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
