/**
 * One command at a time writes to a folder or a file. The lock is a file that names its owner's process; it goes with the command, and one
 * whose process has ended, by `kill -9` or with the machine, is taken over.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import { makeFolder, systemCode, writeError } from './file-errors.ts';

/** In a folder that is being written; beside a file, behind its name. */
export const LOCK_FILE = '.lab.lock';

const UNWRITTEN_MS = 2000; // a lock that says nothing for so long was left by a process that ended while it wrote
const RETRY_MS = 50;
const TRIES = 100;

interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly started: string; // of the process, as the system counts; '' where it does not tell
  readonly verb: string;
}

const held = new Set<string>(); // by this process
process.once('exit', () => held.forEach((path) => rmSync(path, { force: true })));

/** Runs a job that writes into a folder, which is made where there is none. Throws a `storage` error that names the process that holds it. */
export async function withFolderLock<T>(folder: string, verb: string, job: () => Promise<T>): Promise<T> {
  await makeFolder(folder);
  return withLock(join(folder, LOCK_FILE), folder, verb, job);
}

/** The same of a job that writes one file. */
export const withFileLock = <T>(file: string, verb: string, job: () => Promise<T>): Promise<T> =>
  withLock(`${file}${LOCK_FILE}`, file, verb, job);

async function withLock<T>(lock: string, target: string, verb: string, job: () => Promise<T>): Promise<T> {
  const path = resolve(lock);
  await acquire(path, target, { pid: process.pid, host: hostname(), started: startOf(process.pid), verb });
  try {
    return await job();
  } finally {
    held.delete(path);
    rmSync(path, { force: true });
  }
}

async function acquire(path: string, target: string, owner: Owner): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    if (create(path, target, owner)) {
      held.add(path);
      return;
    }
    const other = ownerOf(path);
    if (isHeld(path, other)) throw heldBy(path, target, other);
    if (other !== 'none' && other !== 'unwritten') takeAway(path);
    await new Promise((resolve) => setTimeout(resolve, other === 'none' ? 0 : RETRY_MS));
  }
  throw new LabError(
    'storage',
    `${shown(target)} could not be locked.`,
    `Delete ${shown(path)} if no other lab is running.`,
  );
}

/** Makes the lock; false where there is one. */
function create(path: string, target: string, owner: Owner): boolean {
  try {
    const file = openSync(path, 'wx');
    try {
      writeSync(file, JSON.stringify(owner));
    } finally {
      closeSync(file);
    }
    return true;
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') return false;
    throw writeError(target, cause);
  }
}

/** What a lock says: its owner, or that it is gone, is being written, or cannot be read as one. */
function ownerOf(path: string): Owner | 'none' | 'unwritten' | 'unknown' {
  try {
    const age = Date.now() - statSync(path).mtimeMs;
    const text = readFileSync(path, 'utf8');
    if (text === '') return age < UNWRITTEN_MS ? 'unwritten' : 'unknown';
    const { pid, host, started, verb } = JSON.parse(text) as Partial<Record<keyof Owner, unknown>>;
    if (!Number.isInteger(pid) || typeof host !== 'string' || typeof verb !== 'string') return 'unknown';
    return { pid: pid as number, host, started: typeof started === 'string' ? started : '', verb };
  } catch (cause) {
    return systemCode(cause) === 'ENOENT' ? 'none' : 'unknown';
  }
}

const isHeld = (path: string, owner: ReturnType<typeof ownerOf>): owner is Owner =>
  typeof owner === 'object' && isAlive(path, owner);

/** Whether the owner still runs. Another machine’s processes cannot be seen: such a lock counts as held. */
function isAlive(path: string, { pid, host, started }: Owner): boolean {
  if (host !== hostname()) return true;
  if (pid === process.pid) return held.has(path); // else of an earlier process of this number
  try {
    process.kill(pid, 0);
  } catch (cause) {
    return systemCode(cause) === 'EPERM'; // it runs, as somebody else
  }
  const now = startOf(pid);
  return started === '' || now === '' || now === started; // else the number belongs to another process by now
}

/** When a process started, in ticks since the machine did; '' where the system has no /proc. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''; // the 22nd field, behind the name in brackets
  } catch {
    return '';
  }
}

/**
 * Removes the lock of an owner that is gone. Of the processes that see it one at a time may, and looks again first: else one could remove
 * the lock that another has just made.
 */
function takeAway(path: string): void {
  const guard = `${path}.taking`;
  try {
    mkdirSync(guard);
  } catch (cause) {
    if (systemCode(cause) !== 'EEXIST') throw writeError(path, cause);
    const age = Date.now() - (statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > UNWRITTEN_MS) rmSync(guard, { recursive: true, force: true }); // its process ended within these few lines
    return;
  }
  try {
    const owner = ownerOf(path);
    if (owner !== 'none' && owner !== 'unwritten' && !isHeld(path, owner)) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

function heldBy(path: string, target: string, { pid, host, verb }: Owner): LabError {
  const where = host === hostname() ? '' : ` on ${shown(host)}`;
  const problem = `${shown(target)} is being written by process ${pid}${where} (lab ${shown(verb)}).`;
  const nextStep = `Wait until it has finished, or give another --out. If no such process is running, delete ${shown(path)}.`;
  return new LabError('storage', problem, nextStep);
}
