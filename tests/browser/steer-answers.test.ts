import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnswerRecord } from '../../src/state/steer/answer-record.ts';
import { launchLab, type LaunchedPage, type Provider } from './harness/launch.ts';
import { serveFewPrompts, SteerPage } from './steer-page.ts';

const FEW_PROMPTS = 2; // of each class and category, on SwiftShader

/** SwiftShader draws about a token a second: few tokens there, and no waiting between them. */
const LENGTH: Readonly<Record<Provider, number>> = { wasm: 48, webgpu: 10 };
const SLOWLY = '3'; // tokens a second: there is time for a move or a stop before the last one
/** Together enough to show within ten tokens. */
const PUSHED = ['General', 'Violence', 'Hate speech'];
const MOVE_AFTER: Readonly<Record<Provider, number>> = { wasm: 4, webgpu: 3 };

describe.each<Provider>(['wasm', 'webgpu'])('the Steer page on %s', (provider) => {
  const params = {
    prompt: 'Can you tell me a story about a fox?',
    seed: '5',
    temperature: '1',
    length: String(LENGTH[provider]),
    pace: 'max',
    lambda: 'general:2,violence:2,hate_speech:2',
  };
  const prepare = async (context: LaunchedPage['context']): Promise<void> => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    if (provider === 'webgpu') await serveFewPrompts(context, FEW_PROMPTS);
  };
  let lab: LaunchedPage;
  let steer: SteerPage;

  beforeAll(async () => {
    lab = await launchLab({ provider, params, prepare });
    steer = new SteerPage(lab.page);
  });
  afterAll(() => lab.close());

  it('loads the model, computes directions and says what it runs on', async () => {
    await steer.ready();
    const status = await steer.status.innerText();
    expect(status).toContain(provider === 'wasm' ? 'WASM' : 'WebGPU');
    expect(status).toContain('computed and saved');
  });

  it('answers as is and steered, and reads every token but the last of each', async () => {
    await steer.answer();
    const [asIs, steered] = [await steer.tokens(0), await steer.tokens(1)];
    expect(asIs.length).toBeGreaterThan(1);
    expect(steered.length).toBeGreaterThan(1);
    expect(steered.join('')).not.toBe(asIs.join(''));

    await lab.page.getByRole('button', { name: 'Copy JSON' }).click();
    await lab.page.getByText('Answers copied').waitFor();
    const record = JSON.parse(await lab.page.evaluate(() => navigator.clipboard.readText())) as AnswerRecord;
    expect(record.model.provider).toBe(provider);
    expect(record.answers.map(({ text }) => text)).toEqual([asIs.join(''), steered.join('')]);
    for (const [row, { tokens }] of record.answers.entries()) {
      const read = tokens
        .slice(0, -1)
        .map(({ projections, pushes }) => [projections?.length, Math.abs(pushes?.[0] ?? NaN)]);
      for (const [names, push] of read) {
        expect(names).toBe(record.directions.length);
        if (row === 0) expect(push).toBe(0);
        else expect(push).toBeGreaterThan(0);
      }
    }
  });

  it('the same link gives the same text elsewhere', async () => {
    const texts = [await steer.tokens(0), await steer.tokens(1)];
    await lab.page.getByRole('button', { name: 'Copy link' }).click();
    await lab.page.getByText('Link copied').waitFor();
    const link = await lab.page.evaluate(() => navigator.clipboard.readText());
    const elsewhere = await lab.context.browser()?.newContext();
    if (elsewhere === undefined) throw new Error('the browser is gone');
    await prepare(elsewhere);
    const other = new SteerPage(await elsewhere.newPage());
    await other.page.goto(`${link}&run=1`);
    await other.finished();
    expect([await other.tokens(0), await other.tokens(1)]).toEqual(texts);
    await elsewhere.close();
  });

  it('a reload finds the directions kept', async () => {
    await lab.page.reload();
    await steer.ready();
    expect(await steer.status.innerText()).toContain('saved on an earlier visit');
  });

  it('a move in mid-answer changes what follows, and nothing before it', async () => {
    for (const name of PUSHED) await steer.setLambda(name, 0);
    await steer.answer();
    const unmoved = [await steer.tokens(0), await steer.tokens(1)];
    expect(unmoved[1]).toEqual(unmoved[0]); // no push: one text twice

    await steer.choosePace(SLOWLY);
    await steer.answerButton.click();
    await steer.written(1, MOVE_AFTER[provider]);
    for (const name of PUSHED) await steer.setLambda(name, 2);
    await steer.finished();
    const moved = [await steer.tokens(0), await steer.tokens(1)];
    const [first = 0] = await steer.marks();
    expect(first).toBeGreaterThanOrEqual(MOVE_AFTER[provider]);
    expect(moved[0]).toEqual(unmoved[0]);
    expect(moved[1]?.slice(0, first)).toEqual(unmoved[1]?.slice(0, first));
    expect(moved[1]?.slice(first)).not.toEqual(unmoved[1]?.slice(first));
  });

  it.runIf(provider === 'wasm')(
    'the link of a moved answer gives the same text elsewhere, and so says its record',
    async () => {
      await lab.page.getByText(/^Moved/).waitFor();
      const moved = [await steer.tokens(0), await steer.tokens(1)];
      for (const name of PUSHED) await steer.setLambda(name, -1); // the sliders of now are of no interest
      const pane = lab.page.getByRole('region', { name: 'Steered', exact: true });
      expect(await pane.locator('header').innerText()).toContain('no steering at first');
      await lab.page.getByRole('button', { name: 'Copy JSON' }).click();
      await lab.page.getByText('Answers copied').waitFor();
      const record = JSON.parse(await lab.page.evaluate(() => navigator.clipboard.readText())) as AnswerRecord;
      expect(record.request.steering.lambdas).toEqual({});
      expect(record.moves.at(-1)?.steering.lambdas).toEqual({ general: 2, violence: 2, hate_speech: 2 });
      const elsewhere = await lab.context.browser()?.newContext();
      if (elsewhere === undefined) throw new Error('the browser is gone');
      const other = new SteerPage(await elsewhere.newPage());
      await other.page.goto(`${record.link}&pace=max&run=1`);
      await other.finished();
      expect([await other.tokens(0), await other.tokens(1)]).toEqual(moved);
      await elsewhere.close();
    },
  );

  it('stops within a token or two', async () => {
    await steer.choosePace(SLOWLY);
    await steer.answerButton.click();
    await steer.written(0, 2);
    await lab.page.keyboard.press('Escape');
    const asked = (await steer.tokens(0)).length; // counted after the press, so however slow this machine is
    await steer.finished();
    expect((await steer.tokens(0)).length).toBeLessThanOrEqual(asked + 2);
    expect(await steer.answers.innerText()).toContain('stopped');
  });
});
