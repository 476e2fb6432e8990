import { expect, test } from 'vitest';
import { PlanForm } from '../../../../src/state/study/plan-form.svelte.ts';

test('a set that the form was opened for arrives once, and again where it is wanted again', () => {
  const form = new PlanForm();
  form.open('own:a');
  expect([form.isOpen, form.looked, form.arrive(), form.arrive()]).toEqual([true, 'own:a', true, false]);
  form.open('own:a');
  expect(form.arrive()).toBe(true);
  form.open();
  expect([form.looked, form.arrive()]).toEqual([null, false]);
  form.open('own:b');
  form.close();
  expect(form.arrive()).toBe(false);
});
