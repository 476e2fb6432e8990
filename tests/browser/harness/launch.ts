import type { BrowserContext, Page } from 'playwright-core';
import { inject } from 'vitest';
import type { ServedAddress } from './global-setup.ts';
import { recordLongTasks } from './long-tasks.ts';
import { PageWatch } from './page-watch.ts';
import { launchBrowser, sharedBrowser } from './shared-browser.ts';

export type Provider = 'webgpu' | 'wasm';

export interface LaunchOptions {
  readonly provider: Provider;
  /** Where it opens; Steer, by default. Only Steer's address names the provider: the others take what `auto` takes. */
  readonly page?: 'steer' | 'probe';
  /** What the address says of the Steer page, e.g. `{ seed: '3' }`. */
  readonly params?: Readonly<Record<string, string>>;
  /** What to arrange before the page opens: routes, permissions. */
  readonly prepare?: (context: BrowserContext) => Promise<void>;
}

/** A page of ours in a browser context of its own: with a storage that nothing else shares. */
export interface LaunchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly watch: PageWatch;
  /** Where the page was opened; reloading it keeps storage, another launch starts with none. */
  readonly url: string;
  /** Ends the tab's process at once, as a crash does, and opens its address in a new tab with the same storage. */
  readonly crashAndReopen: () => Promise<Page>;
  /** Ends the context. @throws Error when the page had uncaught errors or asked another host for something */
  readonly close: () => Promise<void>;
}

/** Opens the lab, on its Steer page with the model on `provider`, whatever `auto` would take. */
export function launchLab({ provider, page = 'steer', params = {}, prepare }: LaunchOptions): Promise<LaunchedPage> {
  const query = new URLSearchParams({ ...params, provider });
  return launch(provider, inject('lab'), page === 'steer' ? `#/steer?${query.toString()}` : `#/${page}`, prepare);
}

export interface EngineOptions {
  readonly provider: Provider;
  /** In a browser of its own, with these flags besides: for what other pages of the same browser would disturb. */
  readonly ownBrowser?: readonly string[];
}

/** Opens the page that drives the engine in a worker: see engine-page/. */
export function launchEngine({ provider, ownBrowser }: EngineOptions): Promise<LaunchedPage> {
  return launch(provider, inject('enginePage'), '', undefined, ownBrowser);
}

/** Opens a page that a test serves itself. */
export function launchPage(provider: Provider, url: string): Promise<LaunchedPage> {
  return launch(provider, { url, error: null }, '');
}

async function launch(
  provider: Provider,
  address: ServedAddress,
  hash: string,
  prepare?: LaunchOptions['prepare'],
  ownBrowser?: readonly string[],
): Promise<LaunchedPage> {
  if (address.url === null) throw new Error(`the page could not be built: ${address.error ?? 'no reason given'}`);
  const browser = await (ownBrowser === undefined ? sharedBrowser(provider) : launchBrowser(provider, ownBrowser));
  const context = await browser.newContext();
  const end = (): Promise<void> => (ownBrowser === undefined ? context.close() : browser.close());
  try {
    await recordLongTasks(context);
    await prepare?.(context);
    const url = `${address.url}${hash}`;
    const open = async (): Promise<WatchedPage> => {
      const page = await context.newPage();
      const watch = new PageWatch(context, page);
      await page.goto(url);
      return { page, watch };
    };
    const first = await open();
    const opened = [first];
    const crashAndReopen = async (): Promise<Page> => {
      const last = opened.at(-1) ?? first;
      await crash(last);
      const next = await open();
      opened.push(next);
      return next.page;
    };
    const close = async (): Promise<void> => {
      await end();
      for (const { watch } of opened) watch.expectHealthy();
    };
    return { ...first, context, url, crashAndReopen, close };
  } catch (error) {
    await end();
    throw error;
  }
}

interface WatchedPage {
  readonly page: Page;
  readonly watch: PageWatch;
}

/** Ends the process of a page and its workers, without a word to them. */
async function crash({ page, watch }: WatchedPage): Promise<void> {
  watch.expectCrash();
  const crashed = page.waitForEvent('crash');
  await page.goto('chrome://crash').catch(() => undefined); // it never arrives
  await crashed;
  await page.close();
}
