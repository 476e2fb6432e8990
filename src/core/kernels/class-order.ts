/** Classes that follow each other, as one. */
export interface ClassRange {
  readonly first: string;
  readonly last: string;
}

/** The order in which rows are held, class by class: the same for every matrix of the same prompts, so it is made once. */
export class ClassOrder {
  readonly rows: Uint32Array; // which row each place has
  readonly first: Uint32Array; // of each run of rows that follow each other
  readonly end: Uint32Array;
  readonly safe: string; // the class that all others are held against
  readonly #begins = new Map<string, number>(); // place of each class
  readonly #ends = new Map<string, number>();
  #places: Uint32Array | null = null;

  /** @param classes rows of each class, at least one; none is in two */
  constructor(classes: ReadonlyMap<string, Uint32Array>, safe: string) {
    this.rows = new Uint32Array([...classes.values()].reduce((sum, { length }) => sum + length, 0));
    this.safe = safe;
    let at = 0;
    for (const [name, rows] of classes) {
      this.rows.set(rows, at);
      this.#begins.set(name, at);
      at += rows.length;
      this.#ends.set(name, at);
    }
    const begins = this.rows.map((row, place) => Number(place === 0 || row !== (this.rows[place - 1] as number) + 1));
    this.first = this.rows.filter((_, place) => begins[place] === 1);
    this.end = this.rows.filter((_, place) => begins[place + 1] !== 0).map((row) => row + 1);
  }

  /** Where each row is held; 0 for one of no class. */
  get places(): Uint32Array {
    if (this.#places === null) {
      this.#places = new Uint32Array(this.rows.reduce((most, row) => Math.max(most, row + 1), 0));
      for (let place = 0; place < this.rows.length; place++) this.#places[this.rows[place] as number] = place;
    }
    return this.#places;
  }

  /** The places of a range: the first, and how many. None where there are no such classes. */
  of({ first, last }: ClassRange): { readonly first: number; readonly count: number } {
    const from = this.#begins.get(first) ?? 0;
    return { first: from, count: (this.#ends.get(last) ?? from) - from };
  }
}
