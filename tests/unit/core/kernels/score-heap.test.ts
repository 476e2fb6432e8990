import { expect, it } from 'vitest';
import { createRandom } from '../../../../src/core/sampling/random.ts';
import { ScoreHeap } from '../../../../src/core/kernels/score-heap.ts';

it('pops in the order of a full sort, lowest id first among equals', () => {
  const random = createRandom(2);
  for (const size of [0, 1, 2, 3, 10, 1000]) {
    const scores = Float64Array.from({ length: size }, () => Math.floor(random() * 50)); // many ties
    const sorted = [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
    const heap = new ScoreHeap(scores);
    expect(sorted.map(() => heap.pop())).toEqual(sorted);
    expect(heap.pop()).toBeNull();
  }
});
