import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';

/** Resident bytes of a browser's processes, by kind. */
export interface ProcessMemory {
  readonly renderer: number; // pages and their workers, WASM heaps included
  readonly gpu: number; // the GPU process, where a software adapter keeps its buffers
  readonly total: number; // of all its processes; what they share counts in each
}

/** Asks the browser for its processes and the operating system for their resident size. */
export async function processMemory(browser: Browser): Promise<ProcessMemory> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const processes = processInfo.map(({ type, id }) => ({ type, bytes: residentBytes(id) }));
  const resident = (types: readonly string[]): number =>
    processes.filter(({ type }) => types.includes(type)).reduce((sum, { bytes }) => sum + bytes, 0);
  const all = processes.map(({ type }) => type);
  return { renderer: resident(['renderer']), gpu: resident(['GPU']), total: resident(all) };
}

function residentBytes(pid: number): number {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return residentBytesByPs(pid); // no /proc, as on macOS
  }
}

function residentBytesByPs(pid: number): number {
  try {
    return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
  } catch {
    return 0; // it ended between the two questions
  }
}

/** Of cross-origin isolated pages in Chromium. */
interface Measurable {
  measureUserAgentSpecificMemory(): Promise<{ readonly bytes: number }>;
}

/** Bytes that a page and its workers still hold, WASM memory included: resident size also counts what is freed but not returned. */
export function heldMemory(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { bytes } = await (performance as Performance & Measurable).measureUserAgentSpecificMemory();
    return bytes;
  });
}
