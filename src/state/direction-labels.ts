import { DIRECTION_LABELS, DIRECTION_NAMES } from '../core/categories.ts';
import type { Lambdas } from './steer-params.ts';
import { formatSigned } from './units.ts';

export { DIRECTION_LABELS };

/** “General +1.20, Violence −0.50”, or “no push”. */
export function steeringText(lambdas: Lambdas): string {
  const pushed = DIRECTION_NAMES.flatMap((name) => {
    const lambda = lambdas[name] ?? 0;
    return lambda === 0 ? [] : [`${DIRECTION_LABELS[name]} ${formatSigned(lambda)}`];
  });
  return pushed.length === 0 ? 'no push' : pushed.join(', ');
}
