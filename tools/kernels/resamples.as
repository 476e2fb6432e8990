// Wins and quantiles of bootstrap resamples. All pointers are multiples of 16; the caller owns the memory, and pads as each function says. Sums run in float64.

// Twice the wins of each resample, u32 [blocks, 8], blocks even. Weights u16 [blocks, prompts, 8]: eight resamples side by side, two
// blocks at once. order u32 [negatives], below and upTo u32 [positives], cumulative u16 [negatives + 1, 16].
export function resampledWins(
  positiveWeights: usize, negativeWeights: usize, positives: i32, negatives: i32, blocks: i32,
  order: usize, below: usize, upTo: usize, cumulative: usize, wins: usize,
): void {
  const positiveBytes = <usize>positives << 4, negativeBytes = <usize>negatives << 4;
  for (let block = 0; block < blocks; block += 2) {
    let one = i16x8.splat(0), two = i16x8.splat(0);
    v128.store(cumulative, one);
    v128.store(cumulative, two, 16);
    for (let i: usize = 0, end = <usize>negatives << 2, to = cumulative; i < end; i += 4, to += 32) {
      const weights = negativeWeights + (<usize>load<u32>(order + i) << 4);
      one = i16x8.add(one, v128.load(weights));
      two = i16x8.add(two, v128.load(weights + negativeBytes));
      v128.store(to, one, 32);
      v128.store(to, two, 48);
    }
    let low = i32x4.splat(0), high = i32x4.splat(0), nextLow = i32x4.splat(0), nextHigh = i32x4.splat(0);
    for (let i: usize = 0, end = <usize>positives << 2, at = positiveWeights; i < end; i += 4, at += 16) {
      const under = cumulative + (<usize>load<u32>(below + i) << 5), over = cumulative + (<usize>load<u32>(upTo + i) << 5);
      const weight = v128.load(at), next = v128.load(at + positiveBytes);
      const beaten = i16x8.add(v128.load(under), v128.load(over));
      const nextBeaten = i16x8.add(v128.load(under, 16), v128.load(over, 16));
      low = i32x4.add(low, i32x4.extmul_low_i16x8_u(weight, beaten));
      high = i32x4.add(high, i32x4.extmul_high_i16x8_u(weight, beaten));
      nextLow = i32x4.add(nextLow, i32x4.extmul_low_i16x8_u(next, nextBeaten));
      nextHigh = i32x4.add(nextHigh, i32x4.extmul_high_i16x8_u(next, nextBeaten));
    }
    v128.store(wins, low);
    v128.store(wins, high, 16);
    v128.store(wins, nextLow, 32);
    v128.store(wins, nextHigh, 48);
    wins += 64;
    positiveWeights += positiveBytes << 1;
    negativeWeights += negativeBytes << 1;
  }
}

// Puts the value that is the `rank`-th of values u32 [from, to) where it stands when they are sorted, none larger before it and none
// smaller behind (Hoare 1961), and returns it.
export function select(values: usize, from: i32, to: i32, rank: i32): u32 {
  let left = from, right = to - 1;
  while (left < right) {
    const middle = load<u32>(values + (<usize>rank << 2));
    let i = left, j = right;
    while (i <= j) {
      while (load<u32>(values + (<usize>i << 2)) < middle) i++;
      while (load<u32>(values + (<usize>j << 2)) > middle) j--;
      if (i > j) break;
      const one = load<u32>(values + (<usize>i << 2));
      store<u32>(values + (<usize>i << 2), load<u32>(values + (<usize>j << 2)));
      store<u32>(values + (<usize>j << 2), one);
      i++;
      j--;
    }
    if (j < rank) left = i;
    if (rank < i) right = j;
  }
  return load<u32>(values + (<usize>rank << 2));
}
