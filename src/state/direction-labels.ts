import { DIRECTION_NAMES, type DirectionName } from '../core/categories.ts';
import type { Lambdas } from './steer-params.ts';
import { formatSigned } from './units.ts';

/** What a direction is called on the page. */
export const DIRECTION_LABELS: Readonly<Record<DirectionName, string>> = {
  general: 'General',
  discrimination: 'Discrimination',
  drug_abuse: 'Drug abuse',
  financial_crime: 'Financial crime',
  hate_speech: 'Hate speech',
  non_violent: 'Unethical behaviour',
  privacy_violation: 'Privacy violation',
  violence: 'Violence',
};

/** “General +1.20, Violence −0.50”, or “no push”. */
export function steeringText(lambdas: Lambdas): string {
  const pushed = DIRECTION_NAMES.flatMap((name) => {
    const lambda = lambdas[name] ?? 0;
    return lambda === 0 ? [] : [`${DIRECTION_LABELS[name]} ${formatSigned(lambda)}`];
  });
  return pushed.length === 0 ? 'no push' : pushed.join(', ');
}
