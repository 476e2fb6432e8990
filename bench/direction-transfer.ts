/**
 * How well the general direction of a prompt set separates other, real prompts, on a checkpoint, in the chat format where it has one:
 * AUROC at every layer and at the one that the held-out prompts suggest, with the bag of words and the direction from real prompts
 * beside it. The real prompts are published sets in a folder, which do not belong to the project.
 * `npx tsx bench/direction-transfer.ts CHECKPOINT FOLDER [--set english] [--precision int8] [--most 250] [--cache FOLDER]`
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveCheckpoint } from '../cli/options/checkpoint-options.ts';
import { CentroidAccumulator } from '../src/core/linalg/centroids.ts';
import { cosine } from '../src/core/linalg/vectors.ts';
import { meanDifference, projection } from '../src/core/probes/directions.ts';
import { fitSurfaceBaseline } from '../src/core/probes/surface-baseline.ts';
import { auroc } from '../src/core/statistics/auroc.ts';
import { openCheckpoint, type Checkpoint } from '../src/engine/checkpoint/checkpoint.ts';
import { openNodeRuntime } from '../src/engine/device/runtime.node.ts';
import { PRECISIONS } from '../src/engine/graph/precisions.ts';
import { extractResiduals } from '../src/engine/run/residuals.ts';
import { bytesSource } from '../src/formats/bytes/byte-source.ts';
import { readDelimited } from '../src/formats/tables/delimited.ts';
import { textCell, type TableRow } from '../src/formats/tables/table.ts';
import { parsePromptSet } from '../src/formats/prompts/prompt-set.ts';
import { encodePrompt } from '../src/labs/steer/category-directions.ts';
import { bestSteeringLayer } from '../src/core/probes/best-layer.ts';
import { printTable } from './parts/table.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    set: { type: 'string', default: 'english' },
    precision: { type: 'string', default: 'int8' },
    most: { type: 'string', default: '250' },
    cache: { type: 'string' },
  },
});
const [name = '', folder = ''] = positionals;
const most = Number(values.most);
const precision = PRECISIONS.find((known) => known === values.precision);
if (precision === undefined) throw new Error(`no precision ${values.precision}`);

interface Labelled {
  readonly texts: readonly string[];
  readonly harmful: readonly boolean[];
}

/** At most `most` of a list, evenly spread. */
const spread = (texts: readonly string[]): string[] =>
  texts.length <= most ? [...texts] : Array.from({ length: most }, (_, i) => texts[Math.floor((i * texts.length) / most)] ?? ''); // prettier-ignore

const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
async function csv(file: string): Promise<TableRow[]> {
  const rows: TableRow[] = [];
  const source = bytesSource(file, readFileSync(join(folder, file)));
  for await (const row of readDelimited(source, { separator: ',', columns: 'all' })) rows.push(row);
  return rows;
}
const column = async (file: string, key: string): Promise<string[]> =>
  spread((await csv(file)).map((row) => textCell(file, row, key)));

function builtIn(part: string): Labelled {
  const file = join(import.meta.dirname, `../public/prompts/${part}.jsonl`);
  const prompts = parsePromptSet(file, readFileSync(file, 'utf8'));
  return { texts: prompts.map(({ text }) => text), harmful: prompts.map(({ label }) => label === 'harmful') };
}

const alpaca = spread(read('alpaca-3000.jsonl').trim().split('\n').map((line) => (JSON.parse(line) as { instruction: string }).instruction)); // prettier-ignore
const against = (harmful: readonly string[], safe: readonly string[]): Labelled => ({
  texts: [...harmful, ...safe],
  harmful: [...harmful.map(() => true), ...safe.map(() => false)],
});
const xstest = await csv('xstest.csv');
const beavertails = await column('beavertails-evaluation.csv', 'prompt');
const tests: Readonly<Record<string, Labelled>> = {
  'BeaverTails-Evaluation, Alpaca': against(beavertails, alpaca),
  'AdvBench, Alpaca': against(await column('advbench.csv', 'goal'), alpaca),
  'MaliciousInstruct, Alpaca': against(read('malicious_instruct.txt').trim().split('\n'), alpaca),
  'HarmBench, Alpaca': against(await column('harmbench_test.csv', 'Behavior'), alpaca),
  'StrongREJECT, Alpaca': against(await column('strongreject.csv', 'forbidden_prompt'), alpaca),
  'XSTest unsafe, safe': {
    texts: xstest.map((row) => textCell('xstest.csv', row, 'prompt')),
    harmful: xstest.map((row) => textCell('xstest.csv', row, 'label') === 'unsafe'),
  },
};

/** Activations of texts, from the cache where they were read before. */
class Reader {
  readonly #checkpoint: Checkpoint;
  readonly #layers: readonly number[];
  readonly #hidden: number;

  constructor(checkpoint: Checkpoint) {
    const { layers, hiddenSize } = checkpoint.model.config;
    this.#checkpoint = checkpoint;
    this.#layers = Array.from({ length: layers }, (_, layer) => layer);
    this.#hidden = hiddenSize;
  }

  /** [layers] of [texts · hidden]. */
  async read(texts: readonly string[]): Promise<readonly Float32Array[]> {
    const key = createHash('sha256')
      .update(JSON.stringify([name, precision, texts]))
      .digest('hex')
      .slice(0, 24);
    const file = values.cache === undefined ? null : join(values.cache, key);
    const size = texts.length * this.#hidden;
    if (file !== null && existsSync(file)) {
      const bytes = readFileSync(file);
      const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
      return this.#layers.map((layer) => all.subarray(layer * size, (layer + 1) * size));
    }
    const { tokenizer, model } = this.#checkpoint;
    const template = tokenizer.hasChatTemplate ? 'chat' : 'raw';
    const prompts = texts.map((text) => encodePrompt(tokenizer, text, template));
    const residuals = await extractResiduals(model, { prompts, layers: this.#layers, pooling: 'last' });
    const found = this.#layers.map((layer) => residuals.get(layer) ?? new Float32Array());
    if (file !== null && values.cache !== undefined) {
      mkdirSync(values.cache, { recursive: true });
      const all = new Float32Array(this.#layers.length * size);
      for (const [layer, part] of found.entries()) all.set(part, layer * size);
      writeFileSync(file, new Uint8Array(all.buffer));
    }
    return found;
  }

  row(activations: Float32Array, index: number): Float32Array {
    return activations.subarray(index * this.#hidden, (index + 1) * this.#hidden);
  }

  direction(activations: Float32Array, { harmful }: Labelled): Float64Array {
    const [positive, negative] = [new CentroidAccumulator(this.#hidden), new CentroidAccumulator(this.#hidden)];
    for (const [index, isHarmful] of harmful.entries())
      (isHarmful ? positive : negative).add(this.row(activations, index));
    return meanDifference(positive.mean(), negative.mean());
  }

  auroc(activations: Float32Array, labelled: Labelled, direction: Float64Array): number {
    return scoreAuroc(labelled, (index) => projection(this.row(activations, index), direction));
  }
}

function scoreAuroc({ harmful }: Labelled, score: (index: number) => number): number {
  const of = (wanted: boolean): Float64Array =>
    Float64Array.from(harmful.flatMap((isHarmful, index) => (isHarmful === wanted ? [score(index)] : [])));
  return auroc(of(true), of(false));
}

const checkpoint = await openCheckpoint(await resolveCheckpoint(name), openNodeRuntime(2), { precision });
const reader = new Reader(checkpoint);
const train = builtIn(`${values.set}-train`);
const heldOut = builtIn(`${values.set}-test`);
const [inTrain, inHeldOut] = [await reader.read(train.texts), await reader.read(heldOut.texts)];
const directions = inTrain.map((activations) => reader.direction(activations, train));
const suggestion = directions.map((direction, layer) =>
  reader.auroc(inHeldOut[layer] ?? new Float32Array(), heldOut, direction),
);
const layer = bestSteeringLayer(suggestion) ?? 0;
const real = await reader.read(tests['BeaverTails-Evaluation, Alpaca']?.texts ?? []);
const realDirections = real.map((activations) =>
  reader.direction(activations, tests['BeaverTails-Evaluation, Alpaca'] ?? { texts: [], harmful: [] }),
);
const words = fitSurfaceBaseline('words', train.texts, Uint8Array.from(train.harmful, Number));
const rows: string[][] = [];
for (const [test, labelled] of Object.entries({ 'held out': heldOut, ...tests })) {
  const activations = await reader.read(labelled.texts);
  const byLayer = directions.map((direction, at) =>
    reader.auroc(activations[at] ?? new Float32Array(), labelled, direction),
  );
  const scores = words(labelled.texts);
  const best = byLayer.reduce((most, value, at) => (value > (byLayer[most] ?? 0) ? at : most), 0);
  const figure = (value: number | undefined): string => (value ?? NaN).toFixed(3);
  rows.push([
    test,
    figure(byLayer[layer]),
    `${figure(byLayer[best])} (${best})`,
    figure(scoreAuroc(labelled, (index) => scores[index] ?? NaN)),
  ]);
  console.error(`${test}: ${byLayer.map((value) => value.toFixed(2)).join(' ')}`);
}
const alike = directions.map((direction, at) => cosine(direction, realDirections[at] ?? new Float64Array()));
console.error(`cosine with the real direction: ${alike.map((value) => value.toFixed(2)).join(' ')}`);
printTable(
  `${name}, ${precision}: the general direction of ${values.set}-train (${train.texts.length} prompts) at layer ${layer}, which ${heldOut.texts.length} held-out prompts suggest; cosine with the direction from BeaverTails and Alpaca ${(alike[layer] ?? NaN).toFixed(2)}`,
  ['test', 'AUROC', 'best layer', 'bag of words'],
  rows,
);
