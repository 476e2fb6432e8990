/**
 * Lets one command at a time write to a folder or file. The lock is a file that names the process that owns it. It is deleted when the
 * command ends; a lock left behind by a process that was killed, or by a crash of the machine, is taken over.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import { makeFolder, systemCode, writeError } from './file-errors.ts';

/** The lock's name inside a folder, or the suffix of a file's lock. */
export const LOCK_FILE = '.lab.lock';

const UNWRITTEN_MS = 2000; // a lock that stays empty this long was left by a process that ended while writing it
const RETRY_MS = 50;
const TRIES = 100;

interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly started: string; // start time of the process in system ticks; '' if the system does not report it
  readonly verb: string;
}

const held = new Set<string>(); // locks of this process
process.once('exit', () => held.forEach((path) => rmSync(path, { force: true })));

/**
 * Runs a job that writes into a folder, which is created if necessary.
 * @throws LabError `storage`, naming the process, when another process is writing there
 */
export async function withFolderLock<T>(folder: string, verb: string, job: () => Promise<T>): Promise<T> {
  await makeFolder(folder);
  return withLock(join(folder, LOCK_FILE), folder, verb, job);
}

/** Like `withFolderLock`, for a job that writes one file. */
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

/** Creates the lock; false if it exists already. */
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

/** The lock's owner; `none` if the lock is gone, `unwritten` while it is being written, `unknown` if it cannot be read. */
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

/** Whether the owner is still running. Processes of another machine cannot be checked, so their locks count as held. */
function isAlive(path: string, { pid, host, started }: Owner): boolean {
  if (host !== hostname()) return true;
  if (pid === process.pid) return held.has(path); // otherwise it belongs to an earlier process with this number
  try {
    process.kill(pid, 0);
  } catch (cause) {
    return systemCode(cause) === 'EPERM'; // it is running, as another user
  }
  const now = startOf(pid);
  return started === '' || now === '' || now === started; // otherwise the number now belongs to another process
}

/** When a process started, in ticks since the machine booted; '' on a system without /proc. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''; // the 22nd field, after the name in parentheses
  } catch {
    return '';
  }
}

/**
 * Deletes the lock of an owner that is gone. Only one process at a time may do this, and it checks again first: otherwise it could
 * delete the lock that another process has just created.
 */
function takeAway(path: string): void {
  const guard = `${path}.taking`;
  try {
    mkdirSync(guard);
  } catch (cause) {
    if (systemCode(cause) !== 'EEXIST') throw writeError(path, cause);
    const age = Date.now() - (statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > UNWRITTEN_MS) rmSync(guard, { recursive: true, force: true }); // its process ended between these lines
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
  const nextStep = `Wait until it has finished, or use another --out. If no such process is running, delete ${shown(path)}.`;
  return new LabError('storage', problem, nextStep);
}
