import type { ErrorCode, LabError } from '../../core/errors.ts';

/**
 * What is wrong with one checkpoint alone, which is then left out. Any other error ends the run: it was stopped, the source is out of
 * reach, or the store or the device refuses, as it would the next one.
 */
const LEAVES_OUT: readonly ErrorCode[] = [
  'format',
  'config',
  'not-found',
  'context-length',
  'bad-request', // numbers that give no direction, a layer that it lacks
  'internal', // whatever a library throws over its files
];

export const leavesOut = ({ code }: LabError): boolean => LEAVES_OUT.includes(code);
