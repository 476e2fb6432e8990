import { expect, it } from 'vitest';
import { minimise, type Objective } from '../../../../src/core/linalg/lbfgs.ts';

const identity: Objective['approximateInverse'] =
  () =>
  (b, x = new Float64Array(b.length)) => {
    x.set(b);
    return x;
  };

/** Σ scale · (x − i)⁴ + (x − i)², with its only minimum at (0, 1, 2, …). */
const bowl = (scales: readonly number[]): Objective => ({
  evaluate: (point, gradient) =>
    scales.reduce((sum, scale, i) => {
      const from = (point[i] ?? NaN) - i;
      gradient[i] = 4 * scale * from ** 3 + 2 * from;
      return sum + scale * from ** 4 + from ** 2;
    }, 0),
  approximateInverse: identity,
});

const start = (length: number): Float64Array => new Float64Array(length).fill(9);

it.each([Infinity, 3])('finds the minimum, with its inverse made anew every %s steps', (renewal) => {
  const size = 30;
  const found = minimise(bowl(Array.from({ length: size }, (_, i) => 10 ** (i % 4))), start(size), { tolerance: 1e-9, renewal }); // prettier-ignore
  expect(found.converged).toBe(true);
  expect(found.gradient).toBeLessThanOrEqual(1e-9);
  for (const [i, value] of found.point.entries()) expect(value).toBeCloseTo(i, 8);
});

it('takes one step where the inverse is exact', () => {
  const parabola: Objective = {
    evaluate: (point, gradient) => {
      let value = 0;
      for (const [i, x] of point.entries()) {
        gradient[i] = 2 * (i + 1) * (x - 5);
        value += (i + 1) * (x - 5) ** 2;
      }
      return value;
    },
    approximateInverse:
      () =>
      (b, x = new Float64Array(b.length)) => {
        for (let i = 0; i < x.length; i++) x[i] = (b[i] ?? NaN) / (2 * (i + 1));
        return x;
      },
  };
  const found = minimise(parabola, start(4), { tolerance: 1e-12, renewal: 5 });
  expect(found).toMatchObject({ converged: true, steps: 1, evaluations: 2 });
  expect([...found.point]).toEqual([5, 5, 5, 5]);
});

it('says where it does not get to the tolerance, and stays where it was', () => {
  const begun = start(3);
  const found = minimise(bowl([1, 1, 1]), begun, { tolerance: -1, renewal: 5 });
  expect(found.converged).toBe(false);
  for (const [i, value] of found.point.entries()) expect(value).toBeCloseTo(i, 6);
  expect([...begun]).toEqual([9, 9, 9]);
});
