import { expect, test } from 'vitest';
import type { DirectionsSummary, Refinement } from '../../../../src/labs/steer/steer-messages.ts';
import { DirectionRefiner, isSettled, REFINING_SECONDS } from '../../../../src/state/steer/direction-refiner.svelte.ts';
import { DIRECTIONS, FakeClient, last, modelSummary, settle } from '../../../support/fake-steer-client.ts';

const MODEL = modelSummary('Instruct');
const unsure = (read: number): DirectionsSummary => ({
  ...DIRECTIONS,
  prompts: read,
  read,
  total: 1000,
  layers: DIRECTIONS.layers.map((layer) => layer.map((one) => ({ ...one, certainty: 0.9 }))),
});
const part = (read: number, seconds = 1, directions: DirectionsSummary | null = null): Refinement => ({
  ...{ read, total: 1000, seconds, directions },
});

async function begun(): Promise<{ client: FakeClient; refiner: DirectionRefiner; heard: DirectionsSummary[] }> {
  const client = new FakeClient();
  const refiner = new DirectionRefiner(client);
  const heard: DirectionsSummary[] = [];
  void refiner.run(MODEL, unsure(32), (directions) => heard.push(directions));
  await settle();
  return { client, refiner, heard };
}

test('goes on part by part, and hands on new directions', async () => {
  const { client, refiner, heard } = await begun();
  expect(refiner.state).toBe('running');
  last(client.refinements).resolve(part(40));
  await settle();
  expect(refiner.progress).toMatchObject({ read: 40, total: 1000 });
  expect(heard).toEqual([]);
  last(client.refinements).resolve(part(64, 2, unsure(64)));
  await settle();
  expect(heard).toEqual([unsure(64)]);
  expect(client.refinements).toHaveLength(3);
});

test.each([
  ['settled', part(64, 1, { ...unsure(64), layers: DIRECTIONS.layers })],
  ['budget', part(64, REFINING_SECONDS)],
  ['all', part(1000)],
] as const)('ends when it is %s', async (state, end) => {
  const { client, refiner } = await begun();
  last(client.refinements).resolve(end);
  await settle();
  expect(refiner.state).toBe(state);
  expect(client.refinements).toHaveLength(1);
});

test('uses all prompts where that is asked for, whatever it costs', async () => {
  const { client, refiner } = await begun();
  last(client.refinements).resolve(part(64, REFINING_SECONDS));
  await settle();
  refiner.useAll();
  void refiner.run(MODEL, unsure(64), () => undefined);
  await settle();
  expect(refiner.state).toBe('running');
  last(client.refinements).resolve(part(1000, 2 * REFINING_SECONDS));
  await settle();
  expect(refiner.state).toBe('all');
});

test('pauses after the part under way, and begins anew with another model', async () => {
  const { client, refiner, heard } = await begun();
  refiner.pause();
  last(client.refinements).resolve(part(64, 1, unsure(64)));
  await settle();
  expect([refiner.state, client.refinements.length, heard.length]).toEqual(['paused', 1, 0]);
  refiner.reset();
  expect([refiner.state, refiner.progress]).toEqual(['idle', null]);
});

test('is settled by the directions that have prompts, at the layer that is steered', () => {
  const without = { ...DIRECTIONS.counts, violence: { harmful: 0, safe: 32 } };
  const layers = DIRECTIONS.layers.map((layer) =>
    layer.map((one) => (one.name === 'violence' ? { ...one, certainty: null } : one)),
  );
  expect(isSettled(MODEL, { ...DIRECTIONS, layers })).toBe(false);
  expect(isSettled(MODEL, { ...DIRECTIONS, layers, counts: without })).toBe(true);
});
