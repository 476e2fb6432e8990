import { expect, test } from 'vitest';
import { readHash, writeHash } from '../../../../src/state/page/route.svelte.ts';

test('a hash names a page and carries its query', () => {
  expect(readHash('#/probe')).toEqual({ page: 'probe', query: '' });
  expect(readHash('#/steer?prompt=Why%3F&seed=2')).toEqual({ page: 'steer', query: 'prompt=Why%3F&seed=2' });
  expect(readHash('#/steer?prompt=Really?')).toEqual({ page: 'steer', query: 'prompt=Really?' });
});

test('what names no page is the Steer page', () => {
  for (const hash of ['', '#', '#/', '#/nowhere', '#/__proto__']) expect(readHash(hash).page).toBe('steer');
});

test('a written hash reads back', () => {
  for (const place of [
    { page: 'geometry', query: '' },
    { page: 'steer', query: 'lambda=general%3A1' },
  ] as const) {
    expect(readHash(writeHash(place))).toEqual(place);
  }
});
