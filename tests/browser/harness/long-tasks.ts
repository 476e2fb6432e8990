import type { BrowserContext, Page } from 'playwright-core';

/** A stretch of over 50 ms in which the main thread did one thing only, in milliseconds since the page opened. */
export interface LongTask {
  readonly start: number;
  readonly duration: number;
}

declare global {
  interface Window {
    recordedLongTasks?: LongTask[];
  }
}

/** Has every page of the context note its long tasks from its first line on. */
export async function recordLongTasks(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const recorded: LongTask[] = [];
    window.recordedLongTasks = recorded;
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) recorded.push({ start: startTime, duration });
    }).observe({ type: 'longtask', buffered: true });
  });
}

/** The page's clock, to hand to `longTasks`. */
export function pageNow(page: Page): Promise<number> {
  return page.evaluate(() => performance.now());
}

/** The long tasks of the page that began at `since` (milliseconds on its clock) or later. */
export async function longTasks(page: Page, since = 0): Promise<LongTask[]> {
  const recorded = await page.evaluate(async () => {
    await new Promise((resolve) => setTimeout(resolve, 100)); // the observer hears of a task after its end
    return window.recordedLongTasks ?? [];
  });
  return recorded.filter(({ start }) => start >= since);
}
