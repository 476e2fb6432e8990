import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/engine/checkpoint/config.ts';
import { createKvCache, createPassCache, type KvCache } from '../../../../src/engine/run/kv-cache.ts';
import { openNodeRuntime } from '../../../../src/engine/device/runtime.node.ts';
import type { Tensor } from '../../../../src/engine/device/runtime.ts';
import { OLMO_3_SMALL } from '../../../hub-server/olmo-shapes.ts';

const runtime = openNodeRuntime(1);
const config = parseConfig(OLMO_3_SMALL); // 4 layers, 2 heads of keys and values, of size 16
const { kvHeads, headDim, layers } = config;

/** A number that tells where it belongs. */
const mark = (row: number, position: number, head: number): number => 10_000 * row + 10 * position + head + 1;

/** What a run hands out for `added[row]` new tokens a row behind `lengths`: [batch, width, heads · size], zeros as padding. */
function outputs(lengths: Int32Array, added: readonly number[]): Record<string, Tensor> {
  const width = Math.max(...added);
  const values = new Float32Array(added.length * width * kvHeads * headDim);
  for (const [row, tokens] of added.entries()) {
    for (let token = 0; token < tokens; token++) {
      for (let head = 0; head < kvHeads; head++) {
        const start = ((row * width + token) * kvHeads + head) * headDim;
        values.fill(mark(row, (lengths[row] ?? 0) + token, head), start, start + headDim);
      }
    }
  }
  const tensor = new runtime.ort.Tensor('float32', values, [added.length, width, kvHeads * headDim]);
  const names = Array.from({ length: layers }, (_, layer) => [`new.${layer}.key`, `new.${layer}.value`]).flat();
  return Object.fromEntries(names.map((name) => [name, tensor]));
}

/** As the model does after a run. */
function feed(cache: KvCache, added: readonly number[]): void {
  cache.accept(outputs(cache.lengths, added), added);
  for (const [row, tokens] of added.entries()) cache.lengths[row] = (cache.lengths[row] ?? 0) + tokens;
}

function past(cache: KvCache, name = 'past.3.value'): { readonly room: number; readonly values: Float32Array } {
  const { dims, data } = cache.feeds()[name] ?? {};
  return { room: dims?.[2] ?? NaN, values: data as Float32Array };
}

describe('a cache on WASM, whose arrays are copied at every run', () => {
  it('feeds nothing before the first token', () => {
    const cache = createKvCache(runtime, config, 2, 200);
    expect(cache.feeds()['past.0.key']?.dims).toEqual([2, kvHeads, 0, headDim]);
    expect(Object.keys(cache.feeds())).toHaveLength(2 * layers);
  });

  it('has room for the tokens it holds, rounded up, and never for more than it was made for', () => {
    const cache = createKvCache(runtime, config, 1, 70);
    feed(cache, [20]);
    expect(past(cache).room).toBe(32);
    feed(cache, [12]);
    expect(past(cache).room).toBe(32);
    feed(cache, [1]);
    expect(past(cache).room).toBe(64);
    feed(cache, [37]);
    expect(past(cache).room).toBe(70);
    expect(cache.capacity).toBe(70);
  });

  it('keeps every row’s tokens in their places while it grows', () => {
    const cache = createKvCache(runtime, config, 2, 200);
    const steps = [[30, 5], ...Array.from({ length: 40 }, () => [1, 1])];
    for (const added of steps) feed(cache, added);
    expect([...cache.lengths]).toEqual([70, 45]);
    const { room, values } = past(cache);
    expect(room).toBe(96);
    for (const [row, length] of [...cache.lengths].entries()) {
      for (let head = 0; head < kvHeads; head++) {
        const start = (row * kvHeads + head) * room * headDim;
        const held = Array.from({ length: room }, (_, position) => values[start + position * headDim]);
        expect(held).toEqual(held.map((_, position) => (position < length ? mark(row, position, head) : 0)));
      }
    }
  });

  it('has no room at all for a pass that nothing follows', () => {
    const cache = createPassCache(runtime, config, 3, 50);
    feed(cache, [50, 2, 7]);
    expect(past(cache).room).toBe(0);
    expect(cache.fetches()).toEqual({});
  });
});
