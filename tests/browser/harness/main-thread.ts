import type { Page } from 'playwright-core';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly dur?: number; // µs by the clock
  readonly tdur?: number; // µs of processor time of its thread
  readonly args?: { readonly name?: string };
}

/** A task of the page's main thread, in milliseconds of processor time and by the clock. */
export interface MainThreadTask {
  readonly busyMs: number;
  readonly wallMs: number;
}

/**
 * Runs `work` and gives every task that the page's main thread did meanwhile. Processor time, which tracing knows and
 * PerformanceObserver does not, leaves out the waiting that another process on the same two cores causes.
 */
export async function mainThreadTasks(page: Page, work: () => Promise<void>): Promise<MainThreadTask[]> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('this page has no browser of its own to trace');
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  const key = ({ pid, tid }: TraceEvent): string => `${pid}.${tid}`;
  const painted = new Set(traceEvents.filter(({ name }) => name === 'Paint').map(key));
  const renderers = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const main = new Set(renderers.map(key).filter((thread) => painted.has(thread)));
  return traceEvents
    .filter((event) => event.ph === 'X' && event.name.endsWith('RunTask') && main.has(key(event)))
    .map(({ dur = 0, tdur = 0 }) => ({ busyMs: tdur / 1000, wallMs: dur / 1000 }));
}
