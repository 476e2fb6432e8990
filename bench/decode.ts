/**
 * Tokens per second on WASM under Node: the cost of hooks, a second row and a larger cache, as ratios to one plain row in the same run.
 * `npx tsx bench/decode.ts [checkpoint]`
 */
import { resolveCheckpoint } from '../cli/options/checkpoint-options.ts';
import { OlmoModel } from '../src/engine/run/model.ts';
import { openNodeRuntime } from '../src/engine/device/runtime.node.ts';
import { median, printTable } from './parts/table.ts';

const TOKENS = 100;
const REPEATS = 7;

interface Variant {
  readonly name: string;
  readonly rows: number;
  readonly capacity: number;
  readonly residuals: readonly number[];
  readonly steered: boolean;
}

const name = process.argv[2] ?? 'tiny-olmo3@Instruct';
const model = await OlmoModel.open(await resolveCheckpoint(name), openNodeRuntime(1), { precision: 'float32' });
const { layers, hiddenSize } = model.config;
const all = Array.from({ length: layers }, (_, layer) => layer);
const plain: Variant = { name: 'one row', rows: 1, capacity: 128, residuals: [], steered: false };
const variants: readonly Variant[] = [
  plain,
  { ...plain, name: 'one row, one residual read', residuals: [3] },
  { ...plain, name: 'one row, all residuals read', residuals: all },
  { ...plain, name: 'one row, steered', steered: true },
  { ...plain, name: 'two rows, steered, one residual read (the Steer page)', rows: 2, residuals: [3], steered: true },
  { ...plain, name: 'nine rows, steered (a sweep over λ)', rows: 9, steered: true },
  { ...plain, name: 'one row, room for 512 tokens', capacity: 512 },
  { ...plain, name: 'one row, room for 1,024 tokens', capacity: 1024 },
];

async function decodeMs({ rows, capacity, residuals, steered }: Variant): Promise<number> {
  const cache = model.createCache(rows, Math.min(capacity, model.contextLength));
  const ids = Array.from({ length: rows }, () => [5]);
  const steering = steered ? new Float32Array(layers * rows * hiddenSize).fill(0.01) : null;
  await model.forward({ ids, cache, steering, logits: 'last', residuals });
  const start = performance.now();
  for (let token = 0; token < TOKENS; token++) await model.forward({ ids, cache, steering, logits: 'last', residuals });
  cache.dispose();
  return (performance.now() - start) / TOKENS;
}

const times = new Map<string, number[]>(variants.map((variant) => [variant.name, []]));
for (let round = 0; round < REPEATS; round++) {
  for (const variant of variants) times.get(variant.name)?.push(await decodeMs(variant)); // interleaved, so that noise affects all variants
}
const base = median(times.get(plain.name) ?? []);
printTable(
  `${name}, float32, WASM, one thread: median of ${REPEATS} runs of ${TOKENS} tokens`,
  ['variant', 'ms a step', 'tokens a second, all rows', 'step against one plain row'],
  variants.map(({ name, rows }) => {
    const ms = median(times.get(name) ?? []);
    return [name, ms.toFixed(2), Math.round((rows * 1000) / ms), `× ${(ms / base).toFixed(2)}`];
  }),
);
process.exit();
