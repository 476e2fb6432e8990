/**
 * Which tokens a run computes. Rows are stored without padding, one token after the other, and what all rows share at their start is
 * stored once: only attention sees rows of equal width. A token depends on the tokens before it alone, so a shared start has the
 * same values in every row.
 */

/** Tokens in the order in which a run holds them: the shared ones, then each row's own. */
export interface Packing {
  readonly lengths: readonly number[]; // tokens of each row, the shared ones included
  readonly width: number; // of the longest row
  readonly shared: number; // tokens at the start of every row that are computed once
  readonly starts: readonly number[]; // where each row's own tokens begin
  readonly tokens: number; // computed in all
}

/** Packs rows of these lengths, whose first `shared` tokens are the same. */
export function packRows(lengths: readonly number[], shared = 0): Packing {
  const starts: number[] = [];
  let tokens = shared;
  for (const length of lengths) {
    starts.push(tokens);
    tokens += length - shared;
  }
  return { lengths, width: lengths.reduce((most, length) => Math.max(most, length), 0), shared, starts, tokens };
}

/** How many tokens all of the sequences begin with. */
export function sharedStart(sequences: readonly (readonly number[])[]): number {
  const [first = [], ...rest] = sequences;
  let shared = rest.length === 0 ? 0 : first.length;
  for (const sequence of rest) {
    let same = 0;
    while (same < shared && sequence[same] === first[same]) same++;
    shared = same;
  }
  return shared;
}

/** Where a row's token is among those that are computed. */
export function packedIndex({ shared, starts }: Packing, row: number, position: number): number {
  return position < shared ? position : (starts[row] ?? 0) + position - shared;
}

/** [rows · width]: the token at each place of the padded rows; where a row has ended, its last one. */
export function tokensOfPlaces(packing: Packing): BigInt64Array {
  const { lengths, width } = packing;
  const places = new BigInt64Array(lengths.length * width);
  for (const [row, length] of lengths.entries()) {
    for (let position = 0; position < width; position++) {
      places[row * width + position] = BigInt(packedIndex(packing, row, Math.min(position, length - 1)));
    }
  }
  return places;
}

export interface TokenPlaces {
  readonly places: BigInt64Array; // [tokens]: row · width + position; a shared token's is in the first row
  readonly rows: BigInt64Array; // [tokens]
}

export function placesOfTokens({ lengths, width, shared, tokens }: Packing): TokenPlaces {
  const places = new BigInt64Array(tokens);
  const rows = new BigInt64Array(tokens);
  let token = 0;
  for (const [row, length] of lengths.entries()) {
    for (let position = row === 0 ? 0 : shared; position < length; position++, token++) {
      places[token] = BigInt(row * width + position);
      rows[token] = BigInt(row);
    }
  }
  return { places, rows };
}

/** The packed values [tokens, size] of one row, [length, size]; a view where nothing is shared. */
export function rowValues(values: Float32Array, packing: Packing, row: number, size: number): Float32Array {
  const { shared, starts, lengths } = packing;
  const start = starts[row] ?? 0;
  const own = values.subarray(start * size, (start + (lengths[row] ?? 0) - shared) * size);
  if (shared === 0) return own;
  const joined = new Float32Array(shared * size + own.length);
  joined.set(values.subarray(0, shared * size));
  joined.set(own, shared * size);
  return joined;
}

/** Packed values as padded rows, [rows, width, size], with zeros where a row has ended. */
export function padded(values: Float32Array, packing: Packing, size: number): Float32Array {
  const { lengths, width, tokens } = packing;
  if (tokens === lengths.length * width) return values; // rows of equal length that share nothing
  const rows = new Float32Array(lengths.length * width * size);
  for (const row of lengths.keys()) rows.set(rowValues(values, packing, row, size), row * width * size);
  return rows;
}

/** [tokens, size]: the vector of each token id of the rows. */
export function packEmbeddings(
  rows: readonly (readonly number[])[],
  packing: Packing,
  size: number,
  vectorOf: (id: number) => Float32Array,
): Float32Array {
  const packed = new Float32Array(packing.tokens * size);
  for (const [row, ids] of rows.entries()) {
    for (const [position, id] of ids.entries()) {
      if (row === 0 || position >= packing.shared) packed.set(vectorOf(id), packedIndex(packing, row, position) * size);
    }
  }
  return packed;
}
