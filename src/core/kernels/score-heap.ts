/**
 * Token ids in order of falling score, lowest id first among equals, without sorting all of them: building it costs
 * O(vocab), each `pop` O(log vocab). Sampling rarely needs more than a few hundred of 100,000.
 */
export class ScoreHeap {
  readonly #scores: Float64Array; // [vocab]
  readonly #ids: Int32Array; // binary heap, the best at 0
  #size: number;

  constructor(scores: Float64Array) {
    this.#scores = scores;
    this.#size = scores.length;
    this.#ids = allIds(scores.length);
    for (let i = (this.#size >> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  /** Takes out the best id, or gives null when none is left. */
  pop(): number | null {
    if (this.#size === 0) return null;
    const best = this.#id(0);
    this.#size--;
    this.#ids[0] = this.#id(this.#size);
    this.#sink(0);
    return best;
  }

  #id(place: number): number {
    return this.#ids[place] as number;
  }

  #before(a: number, b: number): boolean {
    const scoreA = this.#scores[a] as number;
    const scoreB = this.#scores[b] as number;
    return scoreA > scoreB || (scoreA === scoreB && a < b);
  }

  #sink(start: number): void {
    const id = this.#id(start);
    let place = start;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#before(this.#id(child + 1), this.#id(child))) child++;
      if (!this.#before(this.#id(child), id)) break;
      this.#ids[place] = this.#id(child);
      place = child;
    }
    this.#ids[place] = id;
  }
}

/** 0, 1, …, count − 1. A loop, since `Int32Array.from(keys())` takes 10 ms for 100,000. */
export function allIds(count: number): Int32Array {
  const ids = new Int32Array(count);
  for (let id = 0; id < count; id++) ids[id] = id;
  return ids;
}
