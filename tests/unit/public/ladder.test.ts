import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveCheckpoint } from '../../../cli/options/checkpoint-options.ts';
import { parseConfig } from '../../../src/engine/checkpoint/config.ts';
import { readStopTokens } from '../../../src/engine/tokens/stop-tokens.ts';
import { OlmoTokenizer } from '../../../src/engine/tokens/tokenizer.ts';
import { bytesSource } from '../../../src/formats/bytes/byte-source.ts';
import { parseLadder, STAGES, type LadderCheckpoint, type Stage } from '../../../src/formats/ladders/ladder.ts';
import { readSafetensorsHeader } from '../../../src/formats/bytes/safetensors.ts';
import { promptSet, PUBLIC, publicJson } from '../../support/public-files.ts';

const FOLDER = 'ladders/tiny-olmo3';
const MAX_CHECKPOINT_BYTES = 2.5e6;
const MAX_LADDER_BYTES = 100e6;

const ladder = parseLadder(publicJson(`${FOLDER}/ladder.json`) as Record<string, unknown>, 'ladder.json');
const bytesOf = ({ path }: LadderCheckpoint, file: string): Uint8Array =>
  new Uint8Array(readFileSync(join(PUBLIC, FOLDER, path, file)));
const configOf = (checkpoint: LadderCheckpoint): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(bytesOf(checkpoint, 'config.json'))) as Record<string, unknown>;
const isBefore = (stage: Stage, other: Stage): boolean => STAGES.indexOf(stage) < STAGES.indexOf(other);

const TIMEOUT = 30_000; // ms; 39 checkpoints are read, on a machine that may be busy

describe('the built-in ladder', { timeout: TIMEOUT }, () => {
  it('has 39 checkpoints through all stages, in order', () => {
    expect(ladder.checkpoints).toHaveLength(39);
    expect(new Set(ladder.checkpoints.map(({ revision }) => revision)).size).toBe(39);
    const stages = ladder.checkpoints.map(({ stage }) => STAGES.indexOf(stage));
    expect(stages).toEqual([...stages].sort((a, b) => a - b));
    expect(new Set(stages).size).toBe(STAGES.length);
    const tokens = ladder.checkpoints.map(({ tokensSeen }) => tokensSeen);
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
    expect(tokens[0]).toBe(0);
    expect(ladder.defaults.revision).toBe('Instruct');
  });

  it('names revisions as the original does', () => {
    for (const { revision, stage, step } of ladder.checkpoints) {
      const expected: Record<Stage, string> = {
        init: `stage1-step${step}`,
        pretraining: `stage1-step${step}`,
        'mid-training': `stage2-step${step}`,
        'long-context': `stage3-step${step}`,
        sft: 'SFT',
        dpo: 'DPO',
        instruct: 'Instruct',
      };
      expect(revision).toBe(expected[stage]);
    }
  });

  it('has every file as ladder.json lists it, and stays within its size', () => {
    let all = 0;
    for (const checkpoint of ladder.checkpoints) {
      let size = 0;
      for (const [file, { bytes, sha256 }] of Object.entries(checkpoint.files)) {
        const content = bytesOf(checkpoint, file);
        expect(content.byteLength, `${checkpoint.revision}/${file}`).toBe(bytes);
        expect(createHash('sha256').update(content).digest('hex'), `${checkpoint.revision}/${file}`).toBe(sha256);
        size += bytes;
      }
      expect(Object.keys(checkpoint.files)).toEqual(
        expect.arrayContaining(['config.json', 'generation_config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json']),
      );
      expect(size, checkpoint.revision).toBeLessThanOrEqual(MAX_CHECKPOINT_BYTES);
      all += size;
    }
    expect(all).toBeLessThanOrEqual(MAX_LADDER_BYTES);
  });

  it('is OLMo 3 in small: three sliding layers, then a full one, untied, bf16; YaRN from the long-context stage on', async () => {
    for (const checkpoint of ladder.checkpoints) {
      const config = parseConfig(configOf(checkpoint));
      expect(config).toMatchObject({ family: 'olmo3', headDim: 32, tiedEmbeddings: false });
      expect(config.layers).toBeGreaterThanOrEqual(8);
      expect(config.attention).toEqual(
        Array.from({ length: config.layers }, (_, layer) => ((layer + 1) % 4 === 0 ? 'full' : 'sliding')),
      );
      expect(config.slidingWindow).toBeLessThanOrEqual(32); // binds in prompts of real use
      expect(config.vocabSize).toBeLessThanOrEqual(2048);
      expect(config.yarn === null, checkpoint.revision).toBe(isBefore(checkpoint.stage, 'long-context'));
      const source = bytesSource(checkpoint.revision, bytesOf(checkpoint, 'model.safetensors'));
      const { tensors } = await readSafetensorsHeader(source);
      expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['BF16']));
      const parameters = [...tensors.values()].reduce((sum, { start, end }) => sum + (end - start) / 2, 0);
      expect(parameters).toBeGreaterThan(0.8e6);
      expect(parameters).toBeLessThan(1.3e6);
    }
  });

  it('has a chat template from SFT on, one tokenizer throughout, and ends its answers', async () => {
    const prompts = promptSet('harm-test.jsonl').slice(0, 50);
    const ids: string[] = [];
    for (const { revision, stage } of ladder.checkpoints) {
      const files = await resolveCheckpoint(`tiny-olmo3@${revision}`);
      const tokenizer = await OlmoTokenizer.open(files);
      expect(tokenizer.hasChatTemplate, revision).toBe(!isBefore(stage, 'sft'));
      ids.push(prompts.map(({ text }) => tokenizer.encode(text).join()).join('\n'));
      expect((await readStopTokens(files)).size, revision).toBeGreaterThan(0);
      for (const { text } of prompts) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }
    expect(new Set(ids).size).toBe(1);
  });

  it('takes any text', async () => {
    const tokenizer = await OlmoTokenizer.open(await resolveCheckpoint('tiny-olmo3@Instruct'));
    for (const text of ['naïve 🌳 模型 ﷽', '\t\n  x', '<|im_start|>user']) {
      expect(tokenizer.encode(text).length).toBeGreaterThan(0);
    }
    expect(tokenizer.decode(tokenizer.encode('naïve 🌳 模型 ﷽'))).toBe('naïve 🌳 模型 ﷽');
  });
});
