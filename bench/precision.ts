/**
 * Compares each precision with float32 in the same run: bytes, logit KL, top-1 agreement, residuals, directions and speed, on WASM under
 * Node.
 * `npx tsx bench/precision.ts [checkpoint] [prompts.jsonl] [--prompts N] [--threads N] [--only q4,int8]`: `checkpoint`
 * as for `lab --checkpoint`, such as a folder; N harmful and N safe prompts
 */
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { resolveCheckpoint } from '../cli/options/checkpoint-options.ts';
import { parsePromptSet, type Prompt } from '../src/formats/prompts/prompt-set.ts';
import { openNodeRuntime } from '../src/engine/device/runtime.node.ts';
import {
  PrecisionReader,
  VARIANTS,
  variantName,
  type PrecisionReading,
  type Variant,
} from './parts/precision-reading.ts';
import { compareReadings } from './parts/precision-comparison.ts';
import { printTable } from './parts/table.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    prompts: { type: 'string', default: '200' },
    threads: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const [name = 'tiny-olmo3@Instruct', file = join(import.meta.dirname, '../public/prompts/harm-test.jsonl')] =
  positionals;
const perClass = Number(values.prompts);
const set = parsePromptSet(file, await readFile(file, 'utf8'));
const harmful = spread(set.filter(({ label }) => label === 'harmful'));
const safe = spread(set.filter(({ label }) => label === 'safe'));

/** `perClass` prompts, evenly spread over the file, so that every category is included. */
function spread(prompts: readonly Prompt[]): Prompt[] {
  const step = Math.max(1, Math.floor(prompts.length / perClass));
  return prompts.filter((_, index) => index % step === 0).slice(0, perClass);
}

const wanted = values.only?.split(',');
const variants = VARIANTS.filter((variant) => wanted?.includes(variantName(variant)) ?? true);
const reader = new PrecisionReader(await resolveCheckpoint(name), openNodeRuntime(Number(values.threads)), {
  harmful: harmful.map(({ text }) => text),
  safe: safe.map(({ text }) => text),
});
const reference = await read({ precision: 'float32' });

async function read(variant: Variant): Promise<PrecisionReading> {
  const reading = await reader.read(variant);
  const { prefillPerSecond, decodePerSecond } = reading;
  const speeds = `prefill ${prefillPerSecond.toFixed(1)}, decode ${decodePerSecond.toFixed(1)} tokens a second`;
  console.error(`${variantName(variant)}: ${speeds}`); // a run takes minutes
  return reading;
}

const speed = (rate: number, base: number): string => `× ${(rate / base).toFixed(2)}`;
const row = (variant: Variant, reading: PrecisionReading): (string | number)[] => {
  const { last, lastTokens, worstResidual, worstDirection, meanDirection } = compareReadings(reference, reading);
  return [
    variantName(variant),
    (reading.weightBytes / 1e6).toFixed(1),
    ...[last, lastTokens].flatMap(({ kl, top1 }) => [kl.toExponential(2), `${(100 * top1).toFixed(1)} %`]),
    worstResidual.toFixed(5),
    worstDirection.toFixed(5),
    meanDirection.toFixed(5),
    reading.batchDifference.toExponential(1),
    speed(reading.prefillPerSecond, reference.prefillPerSecond),
    speed(reading.decodePerSecond, reference.decodePerSecond),
  ];
};

const rows = [row({ precision: 'float32' }, reference)];
for (const variant of variants) rows.push(row(variant, await read(variant)));
const threads = values.threads === '1' ? 'one thread' : `${values.threads} threads`;
printTable(
  `${name} on WASM, ${threads}, against its float32; ${harmful.length} harmful and ${safe.length} safe prompts`,
  [
    'precision',
    'weights, MB',
    'KL of the next token, nats, mean',
    'same top token',
    'KL after each of the last 16 tokens',
    'same top token',
    'cosine of residuals, worst of all layers and positions but the first',
    'cosine of the general direction, worst layer',
    'mean of layers',
    'batch against alone',
    'prefill',
    'decode',
  ],
  rows,
);
process.exit();
