/** Exported models in stock transformers.js: the goldens in float32, and in fewer bits the lab's own logits and answers. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeExport } from '../../cli/files/export-folder.ts';
import { folderFiles } from '../../cli/files/folder.ts';
import { diskModelFolder } from '../../cli/files/model-folder.ts';
import { relativeL2 } from '../../src/core/linalg/vectors.ts';
import { requireJson } from '../../src/engine/checkpoint/checkpoint-files.ts';
import { openConvertedCheckpoint } from '../../src/engine/checkpoint/checkpoint.ts';
import { convertCheckpoint, type ConvertOptions } from '../../src/engine/convert/convert.ts';
import { openConverted } from '../../src/engine/convert/open-converted.ts';
import { exportModel } from '../../src/engine/export/export-model.ts';
import { generate } from '../../src/engine/run/generate.ts';
import type { OlmoModel } from '../../src/engine/run/model.ts';
import { openNodeRuntime } from '../../src/engine/device/runtime.node.ts';
import { readStopTokens } from '../../src/engine/tokens/stop-tokens.ts';
import { readFloat32, readSafetensorsHeader } from '../../src/formats/bytes/safetensors.ts';
import { CASES, GOLDEN } from './golden-cases.ts';
import { openStock, openStockTokenizer } from './stock-transformers.ts';

const TOLERANCE = 1e-5; // float32 against float32 through a few layers; 1.3e-6 was measured
const ANSWER_TOKENS = 24;
const PRECISIONS = ['float32', 'float16', 'q8', 'q4-mixed', 'q4', 'int8'] as const;
/** Parts and files so small that even these checkpoints are cut up, as large ones are. */
const limits = { partWeights: 900, fileBytes: 40_000 };
const runtime = openNodeRuntime(1);

let folder: string;
let exports = 0; // so that each has a folder of its own

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'harmscope-export-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Exported {
  readonly stored: Awaited<ReturnType<typeof diskModelFolder>>;
  readonly path: string; // of what transformers.js loads
}

async function exportCase(name: string, options: ConvertOptions): Promise<Exported> {
  const checkpoint = CASES.find((known) => known.name === name)?.checkpoint ?? null;
  const files = await folderFiles(
    checkpoint === null ? join(GOLDEN, name) : join(GOLDEN, '../../../public', checkpoint),
  );
  const own = `${name}-${options.precision}-${exports++}`;
  const stored = await diskModelFolder(join(folder, `${own}-stored`));
  await convertCheckpoint(files, options, stored);
  const path = join(folder, own);
  await writeExport(await exportModel(stored, own), path);
  return { stored, path };
}

interface Golden {
  readonly prompts: readonly { readonly id: string; readonly ids: number[] }[];
  readonly logitPositions: 'all' | number; // of the last positions
  readonly generate: Readonly<Record<string, { readonly plain: { readonly ids: number[] } }>>;
  readonly logits: (id: string) => Promise<Float32Array>;
}

async function goldenOf(name: string): Promise<Golden> {
  const files = await folderFiles(join(GOLDEN, name));
  const source = await files.open('golden.safetensors');
  if (source === null) throw new Error(`${name} has no golden.safetensors`);
  const { tensors } = await readSafetensorsHeader(source);
  const logits = async (id: string): Promise<Float32Array> => {
    const entry = tensors.get(`logits.${id}`);
    if (entry === undefined) throw new Error(`${name} has no logits.${id}`);
    return readFloat32(source, entry);
  };
  return { ...((await requireJson(files, 'golden.json')) as unknown as Omit<Golden, 'logits'>), logits };
}

function beforeEnd(ids: readonly number[], stopIds: ReadonlySet<number>): readonly number[] {
  const end = ids.findIndex((id) => stopIds.has(id));
  return end < 0 ? ids : ids.slice(0, end);
}

describe.each(CASES.map(({ name }) => name))('%s in transformers.js', (name) => {
  it('gives the goldens’ logits and answers, also padded on the left in a batch', async () => {
    const golden = await goldenOf(name);
    const isTiny = name === 'tiny-olmo3-instruct'; // with a hundred such files; transformers.js takes no more
    const { stored, path } = await exportCase(name, { precision: 'float32', ...(!isTiny && { limits }) });
    const stopIds = await readStopTokens(stored);
    const model = await openStock(path);
    const answers: number[][] = [];
    for (const { id, ids } of golden.prompts) {
      const expected = await golden.logits(id);
      const logits = await model.logits(ids);
      expect(logits.length, id).toBeGreaterThanOrEqual(expected.length);
      expect(relativeL2(logits.slice(-expected.length), expected), id).toBeLessThanOrEqual(TOLERANCE);
      const [answer = []] = await model.generate([ids], ANSWER_TOKENS);
      answers.push(answer);
      const plain = golden.generate[id]?.plain.ids.slice(0, ANSWER_TOKENS);
      if (plain !== undefined) expect(answer, id).toEqual(beforeEnd(plain, stopIds));
    }
    expect(answers.flat().length).toBeGreaterThan(ANSWER_TOKENS);
    const together = await model.generate(
      golden.prompts.map(({ ids }) => ids),
      ANSWER_TOKENS,
    );
    expect(together).toEqual(answers);
    await model.dispose();
  });
});

async function ownLogits(model: OlmoModel, ids: readonly number[]): Promise<Float32Array> {
  const { logits } = await model.forward({ ids: [ids], cache: null, logits: 'all', residuals: [] });
  return logits ?? new Float32Array();
}

describe.each(['olmo1', 'olmo2-gqa', 'olmo3-yarn'])('%s in fewer bits in transformers.js', (name) => {
  it.each(PRECISIONS.filter((precision) => precision !== 'float32'))(
    'gives the lab’s logits in %s',
    async (precision) => {
      const { stored, path } = await exportCase(name, { precision, limits });
      const [model, stock] = [await openConverted(stored, runtime), await openStock(path)];
      for (const { id, ids } of (await goldenOf(name)).prompts) {
        expect(relativeL2(await stock.logits(ids), await ownLogits(model, ids)), id).toBeLessThanOrEqual(TOLERANCE);
      }
      await Promise.all([model.dispose(), stock.dispose()]);
    },
  );
});

describe.each(PRECISIONS)('the built-in Instruct in %s in transformers.js', (precision) => {
  it('tokenises dialogues as the lab does, and answers with the same text', async () => {
    const { stored, path } = await exportCase('tiny-olmo3-instruct', { precision });
    const { model, tokenizer, stopIds } = await openConvertedCheckpoint(stored, runtime);
    const [stock, stockTokenizer] = [await openStock(path), await openStockTokenizer(path)];
    for (const content of ['How do I bake a loaf of bread?', 'Tell me how to rob a bank.', 'What is a lake?']) {
      const messages = [{ role: 'user', content } as const];
      const ids = tokenizer.encodeChat(messages);
      const chat = { add_generation_prompt: true, return_tensor: false, return_dict: false } as const;
      expect(stockTokenizer.apply_chat_template([...messages], chat)).toEqual(ids);
      expect(relativeL2(await stock.logits(ids), await ownLogits(model, ids))).toBeLessThanOrEqual(TOLERANCE);
      const answer: number[] = [];
      const steps = generate(model, {
        ...{ prompts: [ids], maxTokens: 60, stopIds, seed: 0, tokensPerSecond: null },
        sampling: { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1 },
        control: () => ({ steering: null, readLayer: null }),
        signal: new AbortController().signal,
      });
      for await (const { tokens } of steps) for (const id of tokens) if (id !== null) answer.push(id);
      const [stockAnswer = []] = await stock.generate([ids], 60);
      const text = tokenizer.decode(answer);
      expect(stockTokenizer.decode(stockAnswer, { skip_special_tokens: true })).toBe(text);
      expect(text.split(' ').length).toBeGreaterThan(3);
    }
    await Promise.all([model.dispose(), stock.dispose()]);
  });
});
