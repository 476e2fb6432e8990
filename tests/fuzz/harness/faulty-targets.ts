/** Readers that are as wrong as can be, each at one of its inputs: for the test of the fuzzer itself. */
import fc from 'fast-check';
import { LabError } from '../../../src/core/errors.ts';
import { defineTarget, hold, type FuzzTarget } from './target.ts';

const count = fc.nat(1000);
const endless = (isIt: boolean): void => {
  while (isIt) Math.random();
};

export const TARGETS: readonly FuzzTarget[] = [
  defineTarget('hangs', count, (input) => endless(input % 5 === 3)),
  defineTarget('crashes', count, (input) => {
    if (input > 500) throw new TypeError('x is undefined');
  }),
  defineTarget('says nothing', count, () => {
    throw new LabError('internal', '', '');
  }),
  defineTarget('breaks a promise', count, (input) => hold(input < 10, 'it is small')),
  defineTarget('is right', count, (input) => {
    if (input % 2 === 0) throw new LabError('format', 'It is even.', 'Give an odd one.');
  }),
];
