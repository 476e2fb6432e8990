/** Chromium with the engine's test page open: the browser, and the page whose `window.engine` is ready. */
import { chromium, type Browser, type Page } from 'playwright-core';
import type {} from '../../tests/browser/engine-page/engine-page.ts';
import { chromiumFlags } from '../../tests/browser/harness/chromium-flags.ts';
import { findBrowser } from '../../tests/browser/harness/find-browser.ts';

export async function openEnginePage(
  url: string,
  provider: 'wasm' | 'webgpu',
): Promise<{ browser: Browser; page: Page }> {
  const found = findBrowser();
  const browser = await chromium.launch({
    args: chromiumFlags(provider),
    ...(found === null ? {} : { executablePath: found }),
  });
  const page = await browser.newPage();
  await page.goto(url);
  await page.waitForFunction(() => 'engine' in window);
  return { browser, page };
}
