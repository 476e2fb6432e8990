/** What counts as a fault: a crash, an error that tells a reader nothing, a promise not held, and more than a second. */
import { LabError } from '../../../src/core/errors.ts';
import { Broken } from './target.ts';

export const LONGEST_MS = 1000; // that reading one input may take
const LONGEST_TEXT = 1000; // characters of a message, and of a next step

export interface Fault {
  readonly kind: 'crash' | 'useless error' | 'broken promise' | 'slow' | 'hang';
  readonly message: string;
  readonly where: string; // the topmost line of Harmscope's own code
}

/** What is wrong with something that was thrown; null: it is a fair answer. */
export function faultOf(error: unknown): Fault | null {
  const where = placeOf(error);
  if (error instanceof Broken) return { kind: 'broken promise', message: error.message, where };
  if (!(error instanceof LabError)) return { kind: 'crash', message: String(error), where };
  const problems = [
    error.code === 'internal' && 'its code is internal',
    error.message.trim() === '' && 'it has no message',
    error.nextStep.trim() === '' && 'it has no next step',
    error.message.length > LONGEST_TEXT && `its message has ${error.message.length} characters`,
    isOwnBug(error.cause) && `it hides ${String(error.cause)}`,
    error.nextStep.length > LONGEST_TEXT && `its next step has ${error.nextStep.length} characters`,
  ].filter((problem) => problem !== false);
  if (problems.length === 0) return null;
  const message = `${problems.join(', ')}: ${error.message.slice(0, 200)}`;
  return { kind: 'useless error', message, where };
}

/** Whether it is what JavaScript throws where Harmscope's own code trusts a value that it should not. */
function isOwnBug(cause: unknown): boolean {
  if (!(cause instanceof TypeError || cause instanceof ReferenceError)) return false;
  const [top = ''] = (cause.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return top.includes('/src/') && !top.includes('node_modules');
}

/** The same fault under another input has the same key. */
export const keyOf = ({ kind, where, message }: Fault): string =>
  `${kind}|${where}|${where === '' ? message.replaceAll(/\d+|["“].*/g, '#').slice(0, 80) : ''}`;

function placeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const lines = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !line.includes('node_modules'));
  const own =
    lines.find((line) => line.includes('/src/')) ?? lines.find((line) => line.includes('/tests/fuzz/targets/'));
  return /((?:src|tests)\/[\w./-]+:\d+)/.exec(own ?? '')?.[1] ?? '';
}
