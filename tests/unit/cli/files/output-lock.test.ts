import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LOCK_FILE, withFileLock, withFolderLock } from '../../../../cli/files/output-lock.ts';
import { copyGolden, lab, makeFolder, ROOT, writeRows } from '../../../support/run-cli.ts';

const root = makeFolder();
afterAll(() => rmSync(root, { recursive: true }));

let count = 0;
/** A folder with a lock that says this. */
function locked(content: string | object): { folder: string; lock: string } {
  const folder = join(root, `locked-${count++}`);
  mkdirSync(folder);
  const lock = join(folder, LOCK_FILE);
  writeFileSync(lock, typeof content === 'string' ? content : JSON.stringify(content));
  return { folder, lock };
}

const owner = (pid: number, more: object = {}): object => ({
  ...{ pid, host: hostname(), started: '', verb: 'convert' },
  ...more,
});

const pidOf = ({ pid }: ChildProcess): number => {
  if (pid === undefined) throw new Error('no process was started');
  return pid;
};

/** The number of a process that has ended. */
async function endedPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'close');
  return pidOf(child);
}

/** Runs a job beside a process that does nothing. */
async function beside(job: (pid: number) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
  try {
    await job(pidOf(child));
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
}

const HOLDER = `
  import { withFolderLock } from './cli/files/output-lock.ts';
  await withFolderLock(process.argv[1], 'convert', () => new Promise((resolve) => {
    console.log('held');
    setTimeout(resolve, 600_000);
  }));
`;
const PROCESS_TIMEOUT = 30_000; // ms; a process of a second and a half, on a machine that is busy

describe('a lock on an output', () => {
  it('is there while the job runs, makes the folder, and goes whether the job ends well or not', async () => {
    const folder = join(root, 'new/folder');
    await withFolderLock(folder, 'convert', () => {
      const lock = JSON.parse(readFileSync(join(folder, LOCK_FILE), 'utf8')) as object;
      expect(lock).toMatchObject({ pid: process.pid, verb: 'convert' });
      return Promise.resolve();
    });
    expect(readdirSync(folder)).toEqual([]);
    await expect(withFolderLock(folder, 'convert', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps a second job out, of this process too, and names the process', async () => {
    const folder = join(root, 'twice');
    await withFolderLock(folder, 'study', async () => {
      await expect(withFolderLock(folder, 'convert', () => Promise.resolve())).rejects.toMatchObject({
        code: 'storage',
        message: expect.stringMatching(
          new RegExp(`twice is being written by process ${process.pid} .*lab study`),
        ) as string,
        nextStep: expect.stringMatching(/another --out.*delete .*\.lab\.lock/) as string,
      });
    });
  });

  it('lets one of several jobs that begin at once go on', async () => {
    const file = join(root, 'at-once.safetensors');
    let running = 0;
    const jobs = Array.from({ length: 8 }, () =>
      withFileLock(file, 'residuals', async () => {
        expect(++running).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running--;
      }),
    );
    const ended = await Promise.allSettled(jobs);
    expect(ended.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    expect(existsSync(`${file}${LOCK_FILE}`)).toBe(false);
  });

  it('of a process that runs is respected, of one on another machine too', async () => {
    await beside(async (pid) => {
      const { folder, lock } = locked(owner(pid));
      await expect(withFolderLock(folder, 'x', () => Promise.resolve())).rejects.toThrow(`process ${pid}`);
      expect(existsSync(lock)).toBe(true);
    });
    const { folder } = locked(owner(await endedPid(), { host: 'elsewhere' }));
    await expect(withFolderLock(folder, 'x', () => Promise.resolve())).rejects.toThrow(/on elsewhere/);
  });

  it.each([
    ['whose process has ended', async () => owner(await endedPid())],
    ['of an earlier process of this number', () => Promise.resolve(owner(process.pid))],
    ['that is no lock', () => Promise.resolve('{"pid":')],
    ['that says something else', () => Promise.resolve({ pid: 'x' })],
  ])('%s is taken over', async (_, content) => {
    const { folder } = locked(await content());
    expect(await withFolderLock(folder, 'x', () => Promise.resolve(7))).toBe(7);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'of a number that belongs to another process by now is taken over',
    async () => {
      await beside(async (pid) => {
        const { folder } = locked(owner(pid, { started: '1' }));
        expect(await withFolderLock(folder, 'x', () => Promise.resolve(7))).toBe(7);
      });
    },
  );

  it('that its process never wrote is taken over once it is old', async () => {
    const { folder, lock } = locked('');
    utimesSync(lock, 0, 0);
    expect(await withFolderLock(folder, 'x', () => Promise.resolve(7))).toBe(7);
  });

  it('outlives no kill -9', { timeout: PROCESS_TIMEOUT }, async () => {
    const folder = join(root, 'killed');
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', HOLDER, folder], {
      cwd: ROOT,
    });
    await once(child.stdout, 'data');
    await expect(withFolderLock(folder, 'x', () => Promise.resolve())).rejects.toThrow(`process ${pidOf(child)}`);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(existsSync(join(folder, LOCK_FILE))).toBe(true);
    expect(await withFolderLock(folder, 'x', () => Promise.resolve(7))).toBe(7);
  });
});

describe('every verb that writes a folder or works long on a file', () => {
  const checkpoint = copyGolden(root, 'olmo3', 'checkpoint');
  const prompts = writeRows(root, 'prompts.jsonl', [{ id: 'a', ids: [1, 2, 3] }]);
  const texts = writeRows(root, 'texts.jsonl', [{ id: 'a', text: 'Hi' }]);
  const model = join(root, 'model');

  it('waits for nobody, says who writes there, and leaves it alone', async () => {
    const convert = ['convert', '--checkpoint', checkpoint, '--precision', 'q8', '--out'];
    expect(await lab(...convert, model)).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(model)).not.toContain(LOCK_FILE);
    await beside(async (pid) => {
      const { folder } = locked(owner(pid));
      const file = join(root, 'held.safetensors');
      writeFileSync(`${file}${LOCK_FILE}`, JSON.stringify(owner(pid)));
      for (const args of [
        [...convert, folder],
        ['export', '--model', model, '--out', folder],
        ['extract', '--ladder', 'tiny-olmo3', '--prompts', texts, '--out', folder],
        ['study', '--out', folder],
        ['study', 'merge', '--from', model, '--out', folder],
        ['residuals', '--checkpoint', checkpoint, '--prompts', prompts, '--out', file],
        ['prompts', 'fetch', '--set', 'advbench', '--file', texts, '--out', file],
        [...convert, model, '--pack', file],
      ]) {
        const outcome = await lab(...args);
        expect(outcome.stderr, args.join(' ')).toMatch(
          new RegExp(`is being written by process ${pid} \\(lab convert\\)`),
        );
        expect(outcome.code).toBe(1);
      }
      expect(readdirSync(folder)).toEqual([LOCK_FILE]);
      expect(existsSync(file)).toBe(false);
    });
  });
});
