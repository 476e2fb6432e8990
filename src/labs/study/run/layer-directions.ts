/** Computes directions at every layer from class sums, and the scores of prompts on them. */
import { isDirection } from '../../../core/probes/directions.ts';
import { LabError } from '../../../core/errors.ts';
import { norm, scale, subtract } from '../../../core/linalg/vectors.ts';
import { GENERAL, NEGATIVE } from '../../../formats/study/study-results.ts';
import type { ClassSums, LayerScores } from './study-store.ts';

/** Class sums in float64. `byLayer`: layer → [rows, hidden]. Rows of class '' are not counted. */
export function sumClasses(byLayer: readonly Float32Array[], classes: readonly string[], hidden: number): ClassSums {
  const names = [...new Set(classes)].filter((name) => name !== '').sort();
  const sums = new Float64Array(byLayer.length * names.length * hidden);
  const places = classes.map((name) => names.indexOf(name));
  for (const [layer, values] of byLayer.entries()) {
    for (const [row, place] of places.entries()) {
      if (place < 0) continue;
      const target = (layer * names.length + place) * hidden;
      for (let i = 0; i < hidden; i++) {
        sums[target + i] = (sums[target + i] as number) + (values[row * hidden + i] as number);
      }
    }
  }
  const counts = names.map((_, place) => places.filter((other) => other === place).length);
  return { classes: names, counts, layers: byLayer.length, hidden, sums };
}

/** Unit directions [layer][name]: class mean minus negative mean, divided by its length; NaN if the length is 0. */
export function directionsAtLayers(sets: readonly ClassSums[], names: readonly string[]): Float64Array[][] {
  const layers = sets[0]?.layers ?? 0;
  return Array.from({ length: layers }, (_, layer) => {
    const negative = meanOf(sets, layer, (name) => name === NEGATIVE, NEGATIVE);
    return names.map((name) => {
      const isWanted = (other: string): boolean => (name === GENERAL ? other !== NEGATIVE : other === name);
      const mean = meanOf(sets, layer, isWanted, name);
      const direction = subtract(mean, negative);
      return scale(direction, isDirection(direction, mean, negative) ? 1 / norm(direction) : NaN);
    });
  });
}

function meanOf(
  sets: readonly ClassSums[],
  layer: number,
  isWanted: (name: string) => boolean,
  what: string,
): Float64Array {
  const mean = new Float64Array(sets[0]?.hidden ?? 0);
  let count = 0;
  for (const { classes, counts, hidden, sums } of sets) {
    for (const [place, name] of classes.entries()) {
      if (!isWanted(name)) continue;
      count += counts[place] ?? 0;
      const start = (layer * classes.length + place) * hidden;
      for (let i = 0; i < hidden; i++) mean[i] = (mean[i] as number) + (sums[start + i] as number);
    }
  }
  if (count === 0) {
    throw new LabError('bad-request', `The training sets have no prompt of ${what}.`, 'Choose sets that do.');
  }
  return mean.map((sum) => sum / count);
}

/** a·d/‖d‖ of every row on every direction of every layer. */
export function layerScores(
  byLayer: readonly Float32Array[], // layer → [rows, hidden]
  directions: readonly (readonly Float64Array[])[], // [layer][name], unit length
  names: readonly string[],
  hidden: number,
): LayerScores {
  const rows = (byLayer[0]?.length ?? 0) / hidden;
  const scores = new Float32Array(byLayer.length * names.length * rows);
  let at = 0;
  for (const [layer, values] of byLayer.entries()) {
    for (const direction of directions[layer] ?? []) {
      for (let row = 0; row < rows; row++, at++) {
        let sum = 0;
        const start = row * hidden;
        for (let i = 0; i < hidden; i++) sum += (values[start + i] as number) * (direction[i] as number);
        scores[at] = sum;
      }
    }
  }
  return { layers: byLayer.length, names, rows, scores };
}
