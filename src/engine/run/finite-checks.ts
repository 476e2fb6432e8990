/**
 * Numbers that are none: a NaN or an infinity in a weight, or an activation too large for its precision, turns everything behind it into
 * NaN. It is looked for where values are handed on, so that no file and no text is made of it.
 */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';

/** Whether no value is NaN or infinite: zero times either is NaN, so one sum tells, at a nanosecond a value. */
export function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) * 0;
  return sum === 0;
}

const DAMAGED =
  'a weight of this checkpoint is NaN or infinite, or too large for its precision: fetch it again, or use float32.';

/** Throws a `format` error that names the first of the prompts `indices` whose pooled row of [prompts, hidden] is not finite. */
export function checkPooled(pooled: Float32Array, indices: readonly number[], hidden: number, layer: number): void {
  const isBad = (index: number): boolean => !allFinite(pooled.subarray(index * hidden, (index + 1) * hidden));
  const bad = indices.filter(isBad);
  if (bad.length === 0) return;
  const problem = `The activations of prompt ${Math.min(...bad) + 1} at layer ${layer} hold NaN or infinity.`;
  throw new LabError('format', problem, `Check the checkpoint: ${DAMAGED}`);
}

/** Throws a `format` error where logits are not finite. `where` names the prompt and the token. */
export function checkLogits(logits: Float32Array, where: string): void {
  if (allFinite(logits)) return;
  throw new LabError(
    'format',
    `The logits ${where} hold NaN or infinity.`,
    `Check the checkpoint, or, if you steer, lower λ: ${DAMAGED}`,
  );
}

/** Queries and keys: a softmax over scores that are NaN gives numbers again, so that nothing behind the attention shows the damage. */
const HIDDEN_BY_SOFTMAX = /\.self_attn\.[qk]_(proj|norm)\.weight$/;

/** Checks a weight as it is read, where its damage would not be seen in what the model computes. Throws as `checkWeights`. */
export function checkHiddenWeights(values: Float32Array, file: string, tensor: string): void {
  if (HIDDEN_BY_SOFTMAX.test(tensor)) checkWeights(values, file, tensor);
}

/** Throws a `format` error that names the tensor where a weight is not finite. */
export function checkWeights(values: Float32Array, file: string, tensor: string): void {
  if (allFinite(values)) return;
  const bad = values.find((value) => !Number.isFinite(value));
  throw new LabError('format', `${shown(file)}: tensor ${shown(tensor)} holds ${bad}.`, 'Its weights are damaged: fetch the checkpoint again, or use another one.'); // prettier-ignore
}
