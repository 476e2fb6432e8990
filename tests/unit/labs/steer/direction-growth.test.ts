import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src/formats/bytes/byte-source.ts';
import { readSafetensorsHeader } from '../../../../src/formats/bytes/safetensors.ts';
import type { AnswerBatch } from '../../../../src/labs/steer/answer-batches.ts';
import type { Refinement } from '../../../../src/labs/steer/steer-messages.ts';
import { SteerLab } from '../../../../src/labs/steer/steer-lab.ts';
import { answerTexts, asking, labParts, opening, quiet, settings } from '../../../support/made-up-lab.ts';

let lab: SteerLab;
beforeEach(() => {
  lab = new SteerLab(labParts());
});
afterEach(() => lab.release());

const TIMEOUT = 30_000; // ms; models are opened, on a machine that may be busy

describe('directions that grow', { timeout: TIMEOUT }, () => {
  it('answers before there are directions, with the same text as after, and reads its first tokens later', async () => {
    await lab.open(opening('A'), quiet);
    const steering = settings({ lambdas: { general: 30 } });
    const batches: AnswerBatch[] = [];
    const summary = await lab.answer(asking({ steering }), (batch) => batches.push(batch));
    expect(summary.directionPrompts).toBe(20); // of the first 32 that are read, 12 are held out
    const text = (row: number): string =>
      batches.flatMap(({ tokens }) => tokens.filter((token) => token.row === row).map(({ text }) => text)).join('');
    expect(batches[0]?.tokens[0]).toMatchObject({ row: 0, index: 0 }); // no steered word before there are directions
    expect([text(0), text(1)]).toEqual(await answerTexts(lab, asking({ steering, directionPrompts: 20 })));
    expect(text(1)).not.toBe(text(0));
    for (const row of [0, 1]) {
      const read = batches.flatMap(({ readings }) =>
        readings.filter((one) => one.row === row).map(({ index }) => index),
      );
      expect(read).toEqual(
        Array.from({ length: summary.stopReasons[row] === 'length' ? 8 : read.length }, (_, i) => i),
      );
    }
  });

  it('refines directions part by part, and still answers from as many prompts as a link says', async () => {
    await lab.open(opening('A'), quiet);
    const first = await lab.directions({ prompts: null, set: null }, quiet);
    const asked = asking({ steering: settings({ lambdas: { general: 30 } }), directionPrompts: first.prompts });
    const before = await answerTexts(lab, asked);
    const seen: Refinement[] = [];
    do seen.push(await lab.refine());
    while (seen.at(-1)?.read !== first.total);
    const newest = seen.at(-1)?.directions;
    expect(newest).toMatchObject({ prompts: 32, read: 64, total: 64 });
    expect(newest?.counts.general).toEqual({ harmful: 28, safe: 4 });
    expect(await answerTexts(lab, asked)).toEqual(before);
    expect(await lab.directions({ prompts: first.prompts, set: null }, quiet)).toMatchObject({
      prompts: first.prompts,
    });
    await expect(lab.directions({ prompts: 33, set: null }, quiet)).rejects.toThrow(
      'There are no directions from 33 prompts',
    );
    const { metadata } = await readSafetensorsHeader(bytesSource('export', await lab.exportDirections()));
    expect(metadata['prompts']).toBe('32');
  });
});
