/** How far two values of the same shape lie apart in their numbers, relative to them where they are above 1. Everything else is the same. */
export function largestDifference(one: unknown, other: unknown, path = 'results'): number {
  if (typeof one === 'number' && typeof other === 'number') {
    return Math.abs(one - other) / Math.max(1, Math.abs(one), Math.abs(other));
  }
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) {
    if (one === other) return 0;
    throw new Error(`${path}: ${String(one)} and ${String(other)}`);
  }
  const [fields, others] = [Object.entries(one), new Map(Object.entries(other))];
  if (fields.length !== others.size) throw new Error(`${path}: ${fields.length} fields and ${others.size}`);
  return Math.max(0, ...fields.map(([key, value]) => largestDifference(value, others.get(key), `${path}.${key}`)));
}
