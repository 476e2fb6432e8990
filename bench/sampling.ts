/** Times drawing a token at the size of OLMo's vocabulary, compared with sorting the vocabulary once: `npx tsx bench/sampling.ts`. */
import { createRandom } from '../src/core/sampling/random.ts';
import { drawToken, type SamplingOptions } from '../src/core/sampling/draw-token.ts';
import { median, printTable } from './parts/table.ts';

const VOCABULARY = 100_352;
const ROUNDS = 15;

const random = createRandom(1);
const logits = Float32Array.from({ length: VOCABULARY }, () => 12 * random());
const PLAIN: SamplingOptions = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1 };

function milliseconds(work: () => unknown): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return median(times);
}

const sort = milliseconds(() => [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0)));
const kinds: readonly (readonly [string, SamplingOptions])[] = [
  ['greedy', { ...PLAIN, temperature: 0 }],
  ['all tokens', PLAIN],
  ['top 40', { ...PLAIN, topK: 40 }],
  ['top p 0.9', { ...PLAIN, topP: 0.9 }],
];
const rows = kinds.map(([name, options]) => {
  const ms = milliseconds(() => drawToken(logits, [], options, random));
  return [name, ms.toFixed(1), `${((100 * ms) / sort).toFixed(0)} %`];
});
printTable(
  `Drawing one of ${VOCABULARY} tokens, milliseconds of processor time, median of ${ROUNDS}; a sort takes ${sort.toFixed(1)}`,
  ['', 'ms', 'of a sort'],
  rows,
);
