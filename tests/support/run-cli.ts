/** The command line run inside the test, with what it prints and its exit code. */
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { runLab } from '../../cli/run-lab.ts';
import { openFile } from '../../cli/files/folder.ts';
import { readFloat32, readSafetensorsHeader } from '../../src/formats/bytes/safetensors.ts';
import { goldenFolder } from './checkpoint-fixtures.ts';

export const ROOT = join(import.meta.dirname, '../..');

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs in this process: starting one costs a second and a half. */
export async function lab(...args: string[]): Promise<Outcome> {
  const printed = { stdout: '', stderr: '' };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed.stdout += String(text)), true)),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((printed.stderr += String(text)), true)),
    vi.spyOn(console, 'log').mockImplementation((text: string) => void (printed.stdout += `${text}\n`)),
    vi.spyOn(console, 'error').mockImplementation((text: string) => void (printed.stderr += `${text}\n`)),
  ];
  try {
    return { code: await runLab(args), ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Runs as a user does, in a process of its own. */
export function labProcess(...args: string[]): Promise<Outcome> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'cli/lab.ts', ...args], { cwd: ROOT });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.on('close', (code) => done({ code: code ?? -1, stdout, stderr }));
  });
}

export const makeFolder = (): string => mkdtempSync(join(tmpdir(), 'harmscope-cli-'));

/** A copy of a golden checkpoint, for a test to spoil. */
export function copyGolden(folder: string, golden: string, name: string): string {
  const target = join(folder, name);
  cpSync(goldenFolder(golden), target, { recursive: true });
  return target;
}

/** Writes rows of JSON Lines; gives the path. */
export function writeRows(folder: string, name: string, rows: readonly unknown[]): string {
  const path = join(folder, name);
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}

export interface TensorFile {
  readonly tensors: Readonly<Record<string, { shape: readonly number[]; data: Float32Array }>>;
  readonly metadata: Readonly<Record<string, string>>;
}

export async function readTensors(path: string): Promise<TensorFile> {
  const source = await openFile(path);
  if (source === null) throw new Error(`no ${path}`);
  const { tensors, metadata } = await readSafetensorsHeader(source);
  const read = await Promise.all(
    [...tensors.values()].map(async (entry) => [
      entry.name,
      { shape: entry.shape, data: await readFloat32(source, entry) },
    ]),
  );
  return { tensors: Object.fromEntries(read) as TensorFile['tensors'], metadata };
}

export const readJsonFile = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
