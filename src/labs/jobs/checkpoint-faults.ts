import type { ErrorCode, LabError } from '../../core/errors.ts';

/** Errors of one checkpoint alone. Others would meet the next one too: a stop, a network or a store or device that refuses. */
const CHECKPOINT_FAULTS: readonly ErrorCode[] = [
  'format',
  'config',
  'not-found',
  'context-length',
  'bad-request', // numbers that give no direction, a layer that the model lacks
  'internal', // whatever a library throws over the files
];

/** Whether a ladder goes on without the checkpoint. */
export const isCheckpointFault = ({ code }: LabError): boolean => CHECKPOINT_FAULTS.includes(code);
