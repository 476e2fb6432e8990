/** How the next token is drawn from logits. */
export interface SamplingOptions {
  readonly temperature: number; // 0: greedy
  readonly topK: number; // 0: off
  readonly topP: number; // 1: off
  readonly repetitionPenalty: number; // 1: off
}
