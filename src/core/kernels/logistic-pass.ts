/** The logistic loss of held rows and its gradient, one pass of the kernels over them. */
import type { LogisticLoss, LogisticPass } from '../probes/fit-inputs.ts';
import { LANES, padded, placeCoarseVectors, placeColumns, type HeldRows } from './kernel-rows.ts';

interface LabelledPart {
  readonly held: HeldRows;
  readonly labels: number; // addresses
  readonly curvature: number;
  readonly factors: number;
}

/** @param labels [rows] of all parts, 0 or 1. What it needs is held for as long as the caller's scope. */
export function heldLogistic(parts: readonly HeldRows[], labels: Uint8Array): LogisticLoss {
  const [first] = parts as readonly [HeldRows];
  const { kernels, columns, stride } = first;
  const [sum, totals, scratch] = [stride, 2, 3 * LANES].map((count) => kernels.allocateF64(count)) as [number, number, number]; // prettier-ignore
  const weights = new Float64Array(labels.length);
  let passed = 0;
  const labelled = parts.map((held): LabelledPart => {
    const room = padded(held.rows);
    const [ofLabels, curvature, factors] = [room, room, room / LANES].map((count) => kernels.allocateF64(count)) as [number, number, number]; // prettier-ignore
    kernels
      .f64(ofLabels, room)
      .fill(0)
      .set(labels.subarray(passed, passed + held.rows));
    passed += held.rows;
    return { held, labels: ofLabels, curvature, factors };
  });
  const passOf =
    (kind: 'addLogistic' | 'addCoarseLogistic', place: typeof placeColumns): LogisticPass =>
    (vector, offset, sums) =>
      kernels.scoped(() => {
        const v = place(first, vector);
        kernels.f64(sum, stride).fill(0);
        kernels.f64(totals, 2).fill(0);
        let logarithms = 0;
        for (const { held, labels: at, curvature, factors } of labelled) {
          kernels.run[kind](held.address, v, offset, at, held.rows, stride, sum, curvature, totals, factors, scratch);
          logarithms += sumOfLogarithms(kernels.f64(factors, padded(held.rows) / LANES));
        }
        sums.set(kernels.f64(sum, columns));
        const [total = NaN, linear = NaN] = kernels.f64(totals, 2);
        return { loss: linear + logarithms, total };
      });
  return {
    coarse: passOf('addCoarseLogistic', (held, vector) => placeCoarseVectors(held, [vector])),
    exact: passOf('addLogistic', placeColumns),
    curvature: (factor) => {
      let at = 0;
      for (const { held, curvature } of labelled) {
        const values = kernels.f64(curvature, held.rows);
        for (let row = 0; row < values.length; row++) weights[at++] = factor * (values[row] as number);
      }
      return weights;
    },
  };
}

function sumOfLogarithms(values: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.log(values[i] as number);
  return sum;
}
