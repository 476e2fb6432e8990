import { describe, expect, it } from 'vitest';
import { resolveCheckpoint } from '../../../../cli/options/checkpoint-options.ts';
import { openCheckpoint, openConvertedCheckpoint } from '../../../../src/engine/checkpoint/checkpoint.ts';
import { convertCheckpoint, type ConvertProgress } from '../../../../src/engine/convert/convert.ts';
import { openNodeRuntime } from '../../../../src/engine/device/runtime.node.ts';
import { CrashingFolder } from '../../../support/crashing-folder.ts';

const TIMEOUT = 60_000; // ms; models are converted and opened, on a machine that may be busy

describe('openConvertedCheckpoint', { timeout: TIMEOUT }, () => {
  it('needs nothing but the folder: tokenizer, chat template and stop tokens are in it', async () => {
    const files = await resolveCheckpoint('tiny-olmo3@Instruct');
    const folder = new CrashingFolder();
    const progress: ConvertProgress[] = [];
    await convertCheckpoint(files, { precision: 'q8' }, folder, { onProgress: (step) => progress.push(step) });
    const runtime = openNodeRuntime(1);
    const [original, converted] = [
      await openCheckpoint(files, runtime, { precision: 'q8' }),
      await openConvertedCheckpoint(folder, runtime),
    ];
    const chat = [{ role: 'user', content: 'How do I bake a loaf of bread?' }] as const;
    expect(converted.label).toBe(original.label);
    expect(converted.stopIds).toEqual(original.stopIds);
    expect(converted.model.precision).toBe('q8');
    const ids = converted.tokenizer.encodeChat(chat);
    expect(ids).toEqual(original.tokenizer.encodeChat(chat));
    const request = { ids: [ids], cache: null, logits: 'last', residuals: [] } as const;
    expect((await converted.model.forward(request)).logits).toEqual((await original.model.forward(request)).logits);
    await Promise.all([original.model.dispose(), converted.model.dispose()]);
    const fractions = progress.map(({ phase, doneBytes, totalBytes }) => [phase, doneBytes / totalBytes] as const);
    for (const phase of ['weights', 'checking'] as const) {
      const steps = fractions.filter(([of]) => of === phase).map(([, fraction]) => fraction);
      expect(steps.length).toBeGreaterThan(2);
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
      expect(Math.max(...steps)).toBeLessThanOrEqual(1);
    }
    expect(fractions.at(-1)).toEqual(['checking', 1]);
  });
});
