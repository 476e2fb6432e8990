import { afterEach, describe, expect, it } from 'vitest';
import type { Rewrite } from '../../../../src/labs/steer/rewrite-prompts.ts';
import { SteerLab } from '../../../../src/labs/steer/steer-lab.ts';
import { labParts } from '../../../support/made-up-lab.ts';

const PROMPTS = Array.from({ length: 10 }, (_, index) => ({ id: `p-${index}`, text: 'What is a bird?' }));
const opening = { source: { kind: 'built-in', ladder: 'made-up', revision: 'A' }, provider: 'auto' } as const;

let lab: SteerLab;
afterEach(() => lab.release());

describe('rewriting', { timeout: 30_000 }, () => {
  it('tells an answer for each prompt, in batches, the same for the same prompt', async () => {
    lab = new SteerLab(labParts());
    await lab.open(opening, () => undefined);
    const rewrites: Rewrite[] = [];
    await lab.rewrite({ prompts: PROMPTS, maxTokens: 4 }, (rewrite) => rewrites.push(rewrite));
    expect(rewrites.map(({ id }) => id)).toEqual(PROMPTS.map(({ id }) => id));
    expect(new Set(rewrites.map(({ text }) => text)).size).toBe(1);
  });

  it('stops between two tokens, and keeps what was told', async () => {
    lab = new SteerLab(labParts());
    await lab.open(opening, () => undefined);
    const rewrites: Rewrite[] = [];
    const job = lab.rewrite({ prompts: PROMPTS, maxTokens: 4 }, (rewrite) => {
      rewrites.push(rewrite);
      void lab.interrupt();
    });
    await expect(job).rejects.toMatchObject({ code: 'interrupted' });
    expect(rewrites.length).toBe(8);
  });

  it('needs an open model', async () => {
    lab = new SteerLab(labParts());
    await expect(lab.rewrite({ prompts: PROMPTS, maxTokens: 4 }, () => undefined)).rejects.toMatchObject({ code: 'bad-request' }); // prettier-ignore
  });
});
