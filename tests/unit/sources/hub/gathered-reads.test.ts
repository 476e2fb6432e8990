import { describe, expect, it } from 'vitest';
import { GatheredReads, Turns } from '../../../../src/sources/hub/gathered-reads.ts';

const BYTES = Uint8Array.from({ length: 10_000 }, (_, i) => i % 251);
const LIMITS = { maxGapBytes: 100, maxRequestBytes: 1000 };

function gathered(parallel = 6): { reads: GatheredReads; asked: [number, number][]; most: () => number } {
  const asked: [number, number][] = [];
  let [running, most] = [0, 0];
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    asked.push([start, end]);
    most = Math.max(most, ++running);
    await new Promise((done) => setTimeout(done, 5));
    running--;
    if (start >= 9000) throw new Error('lost');
    return BYTES.slice(start, end);
  };
  return { reads: new GatheredReads(read, new Turns(parallel), LIMITS), asked, most: () => most };
}

describe('GatheredReads', () => {
  it('fetches neighbours together, and gives each its own bytes', async () => {
    const { reads, asked } = gathered();
    const wanted = [[500, 510], [0, 10], [50, 70], [160, 170], [271, 280], [505, 600]] as const; // prettier-ignore
    const results = await Promise.all(wanted.map(([start, end]) => reads.slice(start, end)));
    for (const [index, [start, end]] of wanted.entries()) expect(results[index]).toEqual(BYTES.slice(start, end));
    expect(asked).toEqual([[0, 170], [271, 280], [500, 600]]); // prettier-ignore
    expect(new Set(results.map(({ buffer }) => buffer)).size).toBe(wanted.length);
  });

  it('puts no more together than one request may hold', async () => {
    const { reads, asked } = gathered();
    await Promise.all(Array.from({ length: 30 }, (_, i) => reads.slice(i * 100, i * 100 + 50)));
    expect(asked).toHaveLength(3);
    for (const [start, end] of asked) expect(end - start).toBeLessThanOrEqual(1000);
  });

  it('takes a read that is larger than that as it is', async () => {
    const { reads, asked } = gathered();
    expect(await reads.slice(0, 5000)).toEqual(BYTES.slice(0, 5000));
    expect(asked).toEqual([[0, 5000]]);
  });

  it('has no more requests under way than there are turns', async () => {
    const { reads, asked, most } = gathered(3);
    await Promise.all(Array.from({ length: 10 }, (_, i) => reads.slice(i * 800, i * 800 + 10)));
    expect([asked.length, most()]).toEqual([10, 3]);
  });

  it('fails the reads of a failed request, and no others', async () => {
    const { reads } = gathered();
    const outcomes = await Promise.allSettled([reads.slice(0, 10), reads.slice(9000, 9010), reads.slice(9020, 9030)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await reads.slice(20, 30)).toEqual(BYTES.slice(20, 30)); // and goes on
  });
});
