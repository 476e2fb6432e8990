/** Tries a reader on many inputs, and makes an input of each fault small. */
import fc from 'fast-check';
import { faultOf, keyOf, LONGEST_MS, type Fault } from './judge.ts';
import type { FuzzTarget } from './target.ts';

export interface FuzzOptions {
  readonly seed: number;
  readonly runs: number;
}

export interface FoundFault extends Fault {
  readonly run: number; // index of the first input that shows it
  readonly times: number;
  readonly input: string;
}

export interface TargetReport {
  readonly name: string;
  readonly runs: number;
  readonly seconds: number;
  readonly slowest: number; // ms of one input
  readonly read: number; // inputs that were read without an error
  readonly faults: readonly FoundFault[];
}

const MOST_FAULTS = 10; // that are made small
const SHRINK_MS = 5000;
const SHOWN_INPUT = 2000; // characters

/** `onInput` hears of each input before it is read. */
export async function runTarget(
  target: FuzzTarget,
  { seed, runs }: FuzzOptions,
  onInput: (run: number) => void,
): Promise<TargetReport> {
  const found = new Map<string, { fault: Fault; run: number; times: number }>();
  const start = performance.now();
  let [run, slowest, read] = [-1, 0, 0];
  const all = fc.asyncProperty(target.arbitrary, async (input) => {
    onInput(++run);
    const { fault, ms, isRead } = await tried(target, input);
    slowest = Math.max(slowest, ms);
    if (isRead) read++;
    if (fault === null) return;
    const key = keyOf(fault);
    const known = found.get(key);
    if (known === undefined) found.set(key, { fault, run, times: 1 });
    else known.times++;
  });
  await fc.assert(all, { seed, numRuns: runs });
  const seconds = (performance.now() - start) / 1000;
  const faults: FoundFault[] = [];
  for (const [key, { fault, run: first, times }] of found) {
    const small =
      faults.length < MOST_FAULTS && fault.kind !== 'slow' ? await shrunk(target, seed, first, key, onInput) : null;
    const input = small ?? (await inputOf(target, seed, first));
    faults.push({ ...fault, run: first, times, input: shownInput(input) });
  }
  return { name: target.name, runs, seconds, slowest, read, faults };
}

/** An input is slow if it is so twice: another process may have had the processor. */
async function tried(
  target: FuzzTarget,
  input: unknown,
): Promise<{ readonly fault: Fault | null; readonly ms: number; readonly isRead: boolean }> {
  const first = await timed(target, input);
  if (first.fault !== null || first.ms <= LONGEST_MS) return first;
  const second = await timed(target, input);
  if (second.ms <= LONGEST_MS) return second;
  const message = `takes ${(Math.min(first.ms, second.ms) / 1000).toFixed(1)} s`;
  return { ...second, fault: { kind: 'slow', message, where: '' } };
}

async function timed(
  target: FuzzTarget,
  input: unknown,
): Promise<{ readonly fault: Fault | null; readonly ms: number; readonly isRead: boolean }> {
  const start = performance.now();
  try {
    await target.check(input);
    return { fault: null, ms: performance.now() - start, isRead: true };
  } catch (error) {
    return { fault: faultOf(error), ms: performance.now() - start, isRead: false };
  }
}

/** A small input with the same fault; null where none is found in time. */
async function shrunk(
  target: FuzzTarget,
  seed: number,
  first: number,
  key: string,
  onInput: (run: number) => void,
): Promise<unknown> {
  let smallest: unknown = null;
  const property = fc.asyncProperty(target.arbitrary, async (input) => {
    onInput(first);
    const { fault } = await tried(target, input);
    if (fault === null || keyOf(fault) !== key) return;
    smallest = input;
    throw new Error(key);
  });
  await fc.check(property, { seed, path: String(first), numRuns: 1, interruptAfterTimeLimit: SHRINK_MS });
  return smallest;
}

/** The input of that run, generated again. */
export async function inputOf(target: FuzzTarget, seed: number, run: number): Promise<unknown> {
  let found: unknown = null;
  const property = fc.asyncProperty(target.arbitrary, (input) => {
    found = input;
    return Promise.resolve();
  });
  await fc.check(property, { seed, path: String(run), numRuns: 1 });
  return found;
}

/** An input as it may be pasted into a test; what repeats is written once. */
export function shownInput(input: unknown): string {
  const text = (input instanceof Uint8Array ? bytesText(input) : typeof input === 'string' ? JSON.stringify(input) : fc.stringify(input)).replaceAll(/(.{1,6}?)\1{40,}/g, (all, piece: string) => `${piece}…(${all.length / piece.length} times)`); // prettier-ignore
  return text.length > SHOWN_INPUT ? `${text.slice(0, SHOWN_INPUT)}… (${text.length} characters)` : text;
}

function bytesText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString();
  const isText = Buffer.from(text).equals(bytes) && !text.includes('\0');
  return isText ? `bytes of ${JSON.stringify(text)}` : `${bytes.length} bytes in base64: ${Buffer.from(bytes).toString('base64')}`; // prettier-ignore
}
