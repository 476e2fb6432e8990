// Sorting scores, and counting how often one score beats another. All pointers are multiples of 16; the caller owns the memory, and pads as each function says. Sums run in float64.

// The bucket of a score among those of the negatives: it rises with the score, so only scores of one bucket have to be compared.
// @ts-ignore: decorator
@inline function bucketOf(score: f64, least: f64, width: f64, starts: usize): usize {
  return starts + (<usize>(<i32>((score - least) * width)) << 2);
}

let least: f64 = 0, most: f64 = 0, width: f64 = 0; // of what was dealt last

// Deals scores f64 [others] into `buckets` of equal width: starts u32 [buckets + 1] is where each begins, dealt f64 [others] the scores
// bucket by bucket, order u32 [others] their indices (0: not wanted). Returns 0; −1 where a bucket holds so many that sorting is
// faster; NaN where a score is.
function deal(scores: usize, others: i32, buckets: i32, starts: usize, dealt: usize, order: usize): f64 {
  least = load<f64>(scores);
  most = least;
  for (let i = 0; i < others; i++) {
    const score = load<f64>(scores + (<usize>i << 3));
    least = min(least, score); // NaN from the first one on
    most = max(most, score);
  }
  if (least != least) return NaN;
  const scale = most > least ? <f64>(buckets - 1) / (most - least) : 0; // Infinity where they are too near to tell apart
  width = scale < 1e300 ? scale : 0;
  memory.fill(starts, 0, <usize>(buckets + 1) << 2);
  for (let i = 0; i < others; i++) {
    const at = bucketOf(load<f64>(scores + (<usize>i << 3)), least, width, starts);
    store<u32>(at, load<u32>(at) + 1);
  }
  let before: u32 = 0, fullest: u32 = 0;
  for (let b = 0; b <= buckets; b++) {
    const at = starts + (<usize>b << 2);
    const held = load<u32>(at);
    fullest = max(fullest, held);
    before += held;
    store<u32>(at, before); // where the bucket ends, until all are dealt
  }
  if (fullest > 64 + (<u32>others >> 4)) return -1;
  for (let i = 0; i < others; i++) {
    const score = load<f64>(scores + (<usize>i << 3));
    const at = bucketOf(score, least, width, starts);
    const place = load<u32>(at) - 1;
    store<u32>(at, place);
    store<f64>(dealt + (<usize>place << 3), score);
    if (order != 0) store<u32>(order + (<usize>place << 2), i);
  }
  return 0;
}

// Sorts scores f64 [count] to sorted, and their indices u32 to order; the rest, and what is returned, as for `deal`.
export function sort(scores: usize, count: i32, buckets: i32, starts: usize, sorted: usize, order: usize): f64 {
  const failure = deal(scores, count, buckets, starts, sorted, order);
  if (failure != 0) return failure;
  for (let i = 1; i < count; i++) {
    const score = load<f64>(sorted + (<usize>i << 3));
    const index = load<u32>(order + (<usize>i << 2));
    let place = i; // only within the bucket: those before it are lower
    for (; place > 0 && load<f64>(sorted + (<usize>(place - 1) << 3)) > score; place--) {
      store<f64>(sorted + (<usize>place << 3), load<f64>(sorted + (<usize>(place - 1) << 3)));
      store<u32>(order + (<usize>place << 2), load<u32>(order + (<usize>(place - 1) << 2)));
    }
    store<f64>(sorted + (<usize>place << 3), score);
    store<u32>(order + (<usize>place << 2), index);
  }
  return 0;
}

// Twice the pairs that the positive wins, ties counting one. Scores f64; the rest, and what is returned instead, as for `deal`.
export function doubledWins(
  positives: usize, negatives: usize, count: i32, others: i32, buckets: i32, starts: usize, dealt: usize,
): f64 {
  const failure = deal(negatives, others, buckets, starts, dealt, 0);
  if (failure != 0) return failure;
  const low = least, high = most, scale = width;
  let wins: u64 = 0;
  for (let i = 0; i < count; i++) {
    const score = load<f64>(positives + (<usize>i << 3));
    if (score < low) continue;
    if (score > high) {
      wins += <u64>others << 1;
      continue;
    }
    if (score != score) return NaN;
    const at = bucketOf(score, low, scale, starts);
    const from = load<u32>(at), to = load<u32>(at, 4);
    wins += <u64>from << 1;
    for (let n = from; n < to; n++) {
      const other = load<f64>(dealt + (<usize>n << 3));
      wins += <u64>(other < score) + <u64>(other <= score);
    }
  }
  return <f64>wins;
}

// As `doubledWins`; sorts the negatives, f64 to sorted and their indices u32 to order, and tells of each positive how many of them
// score lower, below u32 [positives], and how many lower or the same, upTo u32 [positives].
export function placements(
  positives: usize, negatives: usize, count: i32, others: i32, buckets: i32, starts: usize,
  sorted: usize, order: usize, below: usize, upTo: usize,
): f64 {
  const failure = sort(negatives, others, buckets, starts, sorted, order);
  if (failure != 0) return failure;
  const low = least, high = most, scale = width;
  let wins: u64 = 0;
  for (let i = 0; i < count; i++) {
    const score = load<f64>(positives + (<usize>i << 3));
    if (score != score) return NaN;
    let lower: u32 = score > high ? others : 0, same: u32 = 0;
    if (score >= low && score <= high) {
      const at = bucketOf(score, low, scale, starts);
      const to = load<u32>(at, 4);
      for (lower = load<u32>(at); lower < to && load<f64>(sorted + (<usize>lower << 3)) < score; ) lower++;
      for (; lower + same < to && load<f64>(sorted + (<usize>(lower + same) << 3)) == score; ) same++;
    }
    store<u32>(below + (<usize>i << 2), lower);
    store<u32>(upTo + (<usize>i << 2), lower + same);
    wins += <u64>lower + <u64>(lower + same);
  }
  return <f64>wins;
}
