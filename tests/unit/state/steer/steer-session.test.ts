import { describe, expect, test } from 'vitest';
import { LabError } from '../../../../src/core/errors.ts';
import { Lab } from '../../../../src/state/steer/open-model.svelte.ts';
import { SteerSettings } from '../../../../src/state/steer/steer-settings.svelte.ts';
import { SteerSession } from '../../../../src/state/steer/steer-session.svelte.ts';
import {
  DIRECTIONS,
  FakeClient,
  last,
  modelSummary,
  settle,
  SUMMARY,
  surroundings,
} from '../../../support/fake-steer-client.ts';

class Bench {
  readonly client = new FakeClient();
  readonly frames: (() => void)[] = [];
  readonly session = new SteerSession(this.client, new Lab(this.client, surroundings()), new SteerSettings(), (job) =>
    this.frames.push(job),
  );

  async ready(query: string): Promise<this> {
    void this.session.arrive(query);
    await settle();
    const { source } = last(this.client.opens).asked;
    last(this.client.opens).resolve(modelSummary(source.kind === 'built-in' ? source.revision : source.name));
    await settle();
    last(this.client.extractions).resolve(DIRECTIONS);
    await settle();
    return this;
  }
}

const TOKENS = {
  tokens: [
    { row: 0, index: 0, text: 'Yes' },
    { row: 1, index: 0, text: 'No' },
  ],
  readings: [],
  moves: [],
} as const;

describe('when a model opens', () => {
  test('not before Steer is shown or somebody asks for it', async () => {
    const { client, session } = new Bench();
    session.settings.load('');
    await settle();
    expect([client.starts, client.opens.length]).toEqual([0, 0]);
    await session.openModel();
    await settle();
    expect(client.opens).toHaveLength(1);
    await session.comeBack();
    await session.openModel();
    await settle();
    expect(client.opens).toHaveLength(1);
  });

  test('coming back to Steer opens what was chosen, once, and nothing again', async () => {
    const { client, session } = new Bench();
    session.settings.load('');
    await session.comeBack();
    await settle();
    expect(last(client.opens).asked.source).toMatchObject({ revision: 'Instruct' });
    last(client.opens).resolve(modelSummary('Instruct'));
    await settle();
    await session.comeBack();
    await settle();
    expect(client.opens).toHaveLength(1);
  });

  test('one that failed opens again when it is asked for, not by coming back', async () => {
    const { client, session } = new Bench();
    await session.openModel();
    await settle();
    last(client.opens).reject(new LabError('fetch', 'model.safetensors is not there', 'Try again.'));
    await settle();
    await session.comeBack();
    await settle();
    expect(client.opens).toHaveLength(1);
    await session.openModel();
    await settle();
    expect(client.opens).toHaveLength(2);
  });

  test('a link that names the open checkpoint opens nothing', async () => {
    const { client, session } = await new Bench().ready('checkpoint=stage1-step0&provider=wasm');
    await session.arrive('checkpoint=stage1-step0&provider=wasm&lambda=general:1');
    await settle();
    expect(client.opens).toHaveLength(1);
    expect(session.settings.params.lambdas).toEqual({ general: 1 });
  });
});

describe('answering', () => {
  test('asks what the page says, and shows what comes', async () => {
    const { client, session } = await new Bench().ready('prompt=Hi&lambda=general:1.5&seed=9&pace=max');
    void session.answer();
    await settle();
    expect(last(client.answers).asked).toMatchObject({
      prompt: 'Hi',
      chat: true,
      seed: 9,
      tokensPerSecond: null,
      steering: { layer: 4, positions: 'all', lambdas: { general: 1.5 } },
    });
    last(client.answers).batch(TOKENS);
    expect([session.run.asIs.text, session.run.steered.text]).toEqual(['Yes', 'No']);
    last(client.answers).resolve(SUMMARY);
    await settle();
    expect(session.run.state).toEqual({ kind: 'done', summary: SUMMARY });
    expect(session.run.asIs.stopReason).toBe('end');
  });

  test('an empty prompt is told by the box and asks nothing', async () => {
    const { client, session } = await new Bench().ready('lambda=general:1');
    session.setPrompt('   ');
    await session.answer();
    expect(session.promptError?.code).toBe('bad-request');
    expect(client.answers).toHaveLength(0);
    session.setPrompt('Hi');
    expect(session.promptError).toBeNull();
  });

  test('a prompt that is too long is told by the box', async () => {
    const { client, session } = await new Bench().ready('prompt=Hi');
    void session.answer();
    await settle();
    const error = new LabError('context-length', '9,000 tokens, but 1,024 positions', 'Shorten it.');
    last(client.answers).reject(error);
    await settle();
    expect(session.promptError).toBe(error);
  });

  test('run=1 answers as soon as the directions are there', async () => {
    const { client } = await new Bench().ready('prompt=Hi&run=1');
    expect(last(client.answers).asked.prompt).toBe('Hi');
  });

  test('a base checkpoint has no chat template', async () => {
    const { client, session } = await new Bench().ready('prompt=Hi&checkpoint=stage1-step0');
    void session.answer();
    await settle();
    expect(last(client.answers).asked.chat).toBe(false);
  });

  test('answers of an earlier run are dropped', async () => {
    const { client, session } = await new Bench().ready('prompt=Hi');
    void session.answer();
    await settle();
    void session.answer();
    await settle();
    expect(client.interrupts).toBe(1);
    client.answers[0]?.batch(TOKENS);
    client.answers[0]?.resolve({ ...SUMMARY, stopReasons: ['interrupted', 'interrupted'] });
    await settle();
    expect(session.run.state.kind).toBe('writing');
    expect(session.run.asIs.length).toBe(0);
  });

  test('changed settings make the shown answers stale, colours do not', async () => {
    const { client, session } = await new Bench().ready('prompt=Hi');
    void session.answer();
    await settle();
    last(client.answers).resolve(SUMMARY);
    await settle();
    session.settings.set('colour', 'violence');
    expect(session.stale).toBe(false);
    session.setLambda('violence', 0.5);
    expect(session.stale).toBe(true);
  });

  test('a crashed worker loses the model, and says so', async () => {
    const { client, session } = await new Bench().ready('prompt=Hi');
    const answering = session.answer();
    await settle();
    const error = new LabError('device', 'the model worker crashed', 'Load the model again.');
    last(client.answers).reject(error);
    await answering;
    expect(session.lab.model).toEqual({ kind: 'failed', error });
  });
});

describe('steering in mid-answer', () => {
  test('moves within a frame are one, the newest', async () => {
    const { client, frames, session } = await new Bench().ready('prompt=Hi');
    void session.answer();
    await settle();
    for (const lambda of [0.1, 0.2, 0.3]) session.setLambda('general', lambda);
    expect(frames).toHaveLength(1);
    frames.forEach((frame) => frame());
    expect(client.steered).toEqual([{ layer: 4, positions: 'all', lambdas: { general: 0.3 } }]);
    session.resetLambdas();
    frames.at(-1)?.();
    expect(client.steered.at(-1)?.lambdas).toEqual({});
  });

  test('a move while nothing is written asks nothing', async () => {
    const { client, frames, session } = await new Bench().ready('prompt=Hi');
    session.setLambda('general', 1);
    expect(frames).toHaveLength(0);
    expect(client.steered).toHaveLength(0);
    expect(session.settings.query).toBe('prompt=Hi&lambda=general%3A1');
  });

  test('stop interrupts', async () => {
    const { client, session } = await new Bench().ready('prompt=Hi');
    void session.answer();
    await settle();
    await session.run.stop();
    expect(client.interrupts).toBe(1);
    last(client.answers).resolve({ ...SUMMARY, stopReasons: ['interrupted', 'interrupted'] });
    await settle();
    expect(session.run.steered.stopReason).toBe('interrupted');
    expect(session.run.state.kind).toBe('done');
  });
});
