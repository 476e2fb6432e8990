import { DIRECTION_LABELS, DIRECTION_NAMES } from '../../core/categories.ts';
import type { SteeringMove } from '../../labs/steer/answer-messages.ts';
import type { Lambdas } from './steer-params.ts';
import { formatSigned } from '../page/number-format.ts';

export { DIRECTION_LABELS };

/** “General +1.20, Violence −0.50”, or “no steering”. */
export function steeringText(lambdas: Lambdas): string {
  const pushed = DIRECTION_NAMES.flatMap((name) => {
    const lambda = lambdas[name] ?? 0;
    return lambda === 0 ? [] : [`${DIRECTION_LABELS[name]} ${formatSigned(lambda)}`];
  });
  return pushed.length === 0 ? 'no steering' : pushed.join(', ');
}

/** “Moved twice, last at token 13: General +1.50”. Tokens count from 1, as their number does; no moves are not text. */
export function movesText(moves: readonly SteeringMove[], tokens: number): string {
  const last = moves.at(-1);
  if (last === undefined) return '';
  const place = last.index < tokens ? `at token ${last.index + 1}` : 'before its end';
  const times = moves.length === 1 ? 'once' : moves.length === 2 ? 'twice, last' : `${moves.length} times, last`;
  return `Moved ${times} ${place}: ${steeringText(last.steering.lambdas)}`;
}
