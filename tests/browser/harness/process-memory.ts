import { execFileSync } from 'node:child_process';
import type { Browser } from 'playwright-core';

/** Resident bytes of a browser's processes, by kind. */
export interface ProcessMemory {
  readonly renderer: number; // pages and their workers, WASM heaps included
  readonly gpu: number; // the GPU process, where a software adapter keeps its buffers
}

/** Asks the browser for its processes and the operating system for their resident size. */
export async function processMemory(browser: Browser): Promise<ProcessMemory> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const resident = (type: string): number =>
    processInfo.filter((entry) => entry.type === type).reduce((sum, { id }) => sum + residentBytes(id), 0);
  return { renderer: resident('renderer'), gpu: resident('GPU') };
}

function residentBytes(pid: number): number {
  try {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
  } catch {
    return 0; // it ended between the two questions
  }
}
