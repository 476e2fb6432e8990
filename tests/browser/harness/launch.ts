import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';
import { chromiumFlags } from './chromium-flags.ts';
import type { ServedAddress } from './global-setup.ts';
import { recordLongTasks } from './long-tasks.ts';
import { PageWatch } from './page-watch.ts';

export type Provider = 'webgpu' | 'wasm';

export interface LaunchOptions {
  readonly provider: Provider;
  /** What the address says of the Steer page, e.g. `{ seed: '3' }`. */
  readonly params?: Readonly<Record<string, string>>;
  /** What to arrange before the page opens: routes, permissions. */
  readonly prepare?: (context: BrowserContext) => Promise<void>;
}

/** A page of ours in a Chromium of its own. */
export interface LaunchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly watch: PageWatch;
  /** Where the page was opened; reloading it keeps storage, another launch starts with none. */
  readonly url: string;
  /** Ends the browser. @throws Error when the page had uncaught errors or asked another host for something */
  readonly close: () => Promise<void>;
}

/** Opens the lab with the model on `provider`, whatever `auto` would take. */
export function launchLab({ provider, params = {}, prepare }: LaunchOptions): Promise<LaunchedPage> {
  const query = new URLSearchParams({ ...params, provider });
  return launch(provider, inject('lab'), `#/steer?${query.toString()}`, prepare);
}

/** Opens the page that drives the engine in a worker: see engine-page/. */
export function launchEngine({ provider }: Pick<LaunchOptions, 'provider'>): Promise<LaunchedPage> {
  return launch(provider, inject('enginePage'), '');
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
): Promise<LaunchedPage> {
  if (address.url === null) throw new Error(`the page could not be built: ${address.error ?? 'no reason given'}`);
  const browser = await chromium.launch({
    executablePath: inject('browserPath'),
    args: chromiumFlags(provider),
  });
  try {
    const context = await browser.newContext();
    await recordLongTasks(context);
    await prepare?.(context);
    const page = await context.newPage();
    const watch = new PageWatch(context, page);
    const url = `${address.url}${hash}`;
    await page.goto(url);
    const close = async (): Promise<void> => {
      await browser.close();
      watch.expectHealthy();
    };
    return { page, context, watch, url, close };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
