/** How far one model's next-token distribution is from another's: the cost of quantisation, or of steering. */
import { LabError } from '../errors.ts';
import { logSoftmax } from '../sampling/softmax.ts';
import { argmax, type Vector } from '../linalg/vectors.ts';

/**
 * KL(P‖Q) in nats between the distributions of two rows of logits [vocab], through log-softmax in float64. Tokens that P
 * excludes (−Infinity) count nothing; one that only Q excludes makes it Infinity.
 * @throws LabError `bad-request` when the vocabularies differ, or a logit is NaN
 */
export function klDivergence(logitsP: Vector, logitsQ: Vector): number {
  checkVocab(logitsP, logitsQ);
  const logP = logSoftmax(logitsP);
  const logQ = logSoftmax(logitsQ);
  let divergence = 0;
  logP.forEach((value, token) => {
    if (value !== -Infinity) divergence += Math.exp(value) * (value - (logQ[token] as number));
  });
  if (Number.isNaN(divergence)) {
    throw new LabError('bad-request', 'NaN among the logits', 'Check the model that computed them.');
  }
  return Math.max(0, divergence); // equal distributions can round to −1e-17
}

/**
 * The share of rows whose most likely token is the same in both.
 * @param logitsP [rows, vocab], row-major
 * @param logitsQ [rows, vocab], row-major
 * @throws LabError `bad-request` when the sizes differ, are not whole rows, or are empty
 */
export function top1Agreement(logitsP: Vector, logitsQ: Vector, vocab: number): number {
  checkVocab(logitsP, logitsQ);
  const rows = logitsP.length / vocab;
  if (!Number.isInteger(rows) || rows === 0) {
    throw new LabError(
      'bad-request',
      `${logitsP.length} logits are not one or more rows of ${vocab}`,
      'Pass logits as [rows, vocab].',
    );
  }
  let same = 0;
  for (let start = 0; start < logitsP.length; start += vocab) {
    const [p, q] = [logitsP.subarray(start, start + vocab), logitsQ.subarray(start, start + vocab)];
    if (argmax(p) === argmax(q)) same++;
  }
  return same / rows;
}

function checkVocab(logitsP: Vector, logitsQ: Vector): void {
  if (logitsP.length !== logitsQ.length) {
    throw new LabError(
      'bad-request',
      `logits of ${logitsP.length} and ${logitsQ.length} tokens`,
      'Compare models with one vocabulary.',
    );
  }
}
