import { describe, expect, it } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import { POOLINGS } from '../../../../src/core/probes/pooling.ts';
import type { CheckpointFiles } from '../../../../src/engine/checkpoint/checkpoint-files.ts';
import { convertCheckpoint } from '../../../../src/engine/convert/convert.ts';
import { allFinite } from '../../../../src/engine/run/finite-checks.ts';
import { generate } from '../../../../src/engine/run/generate.ts';
import { PRECISIONS } from '../../../../src/engine/graph/precisions.ts';
import { extractResiduals } from '../../../../src/engine/run/residuals.ts';
import { openNodeRuntime } from '../../../../src/engine/device/runtime.node.ts';
import { extractStreamed } from '../../../../src/engine/streamed/extract-streamed.ts';
import { writeSafetensors } from '../../../../src/formats/bytes/safetensors.ts';
import { CrashingFolder } from '../../../support/crashing-folder.ts';
import { madeUpFiles, madeUpTensors, memoryFiles, openModel } from '../../../support/checkpoint-fixtures.ts';

const DOWN = 'model.layers.1.mlp.down_proj.weight';
const PROMPTS = [[5, 9, 40, 3], [7], [12, 8]];

/** The made-up checkpoint with one number of a tensor changed. */
function withNumber(tensor: string, value: number, at = 3): CheckpointFiles {
  const tensors = madeUpTensors();
  tensors[tensor]?.data.set([value], at);
  return memoryFiles({ ...madeUpFiles(), 'model.safetensors': writeSafetensors(tensors) });
}

async function failure(job: Promise<unknown>): Promise<LabError> {
  const error: unknown = await job.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LabError)) throw new Error(`not a LabError: ${String(error)}`);
  return error;
}

describe('numbers that are none', () => {
  it('are seen wherever they stand', () => {
    expect(allFinite(new Float32Array())).toBe(true);
    expect(allFinite(Float32Array.of(1, -3e38, 0, -0))).toBe(true);
    for (const bad of [NaN, Infinity, -Infinity]) {
      for (const at of [0, 1, 2]) expect(allFinite(Float32Array.of(1, 2, 3).with(at, bad))).toBe(false);
    }
  });

  it.each(POOLINGS)('end an extraction with prompt and layer, resident and streamed: %s', async (pooling) => {
    const request = { prompts: PROMPTS, layers: [0, 1, 2], pooling };
    for (const value of [NaN, Infinity, -Infinity]) {
      const files = withNumber(DOWN, value);
      const model = await openModel(files);
      const errors = [
        await failure(extractResiduals(model, request)),
        await failure(extractStreamed(files, openNodeRuntime(1), request)),
      ];
      await model.dispose();
      for (const error of errors) {
        expect(error).toMatchObject({
          code: 'format',
          message: expect.stringMatching(/prompt 1 at layer 1/) as string,
        });
      }
    }
  });

  it('are named in queries and keys, where a softmax would hide them', async () => {
    for (const part of ['q_proj', 'k_proj', 'q_norm', 'k_norm']) {
      const files = withNumber(`model.layers.1.self_attn.${part}.weight`, NaN);
      const request = { prompts: PROMPTS, layers: [2], pooling: 'last' } as const;
      const errors = [
        await failure(openModel(files)),
        await failure(extractStreamed(files, openNodeRuntime(1), request)),
      ];
      for (const { code, message } of errors) {
        expect(code).toBe('format');
        expect(message).toContain(`model.layers.1.self_attn.${part}.weight holds NaN`);
      }
    }
  });

  it('name the one prompt that they concern', async () => {
    const files = withNumber('model.embed_tokens.weight', NaN, 8 * 32); // the row of token 8
    const model = await openModel(files);
    const error = await failure(extractResiduals(model, { prompts: PROMPTS, layers: [0], pooling: 'last' }));
    expect(error.message).toMatch(/prompt 3 at layer 0/);
    const spared = await extractResiduals(model, { prompts: PROMPTS.slice(0, 2), layers: [0], pooling: 'last' });
    expect(allFinite(spared.get(0) ?? new Float32Array([NaN]))).toBe(true);
    await model.dispose();
  });

  it('end an answer', async () => {
    const model = await openModel(withNumber('lm_head.weight', Infinity));
    const request = {
      ...{ prompts: [[5, 9]], seed: 0, maxTokens: 3, stopIds: new Set<number>(), tokensPerSecond: null },
      sampling: { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1 },
      control: () => ({ steering: null, readLayer: null }),
      signal: new AbortController().signal,
    };
    const error = await failure(generate(model, request).next());
    expect(error).toMatchObject({ code: 'format', message: expect.stringMatching(/token 1 of answer 1/) as string });
    await model.dispose();
  });

  it.each(PRECISIONS)('end a conversion with the tensor’s name: %s', async (precision) => {
    for (const tensor of [DOWN, 'model.norm.weight', 'model.embed_tokens.weight']) {
      for (const value of [NaN, Infinity]) {
        const error = await failure(convertCheckpoint(withNumber(tensor, value), { precision }, new CrashingFolder()));
        expect(error.code).toBe('format');
        expect(error.message).toContain(tensor);
      }
    }
  });
});
