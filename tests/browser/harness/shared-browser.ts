import { type Browser, chromium } from 'playwright-core';
import { inject } from 'vitest';
import { chromiumFlags } from './chromium-flags.ts';

type Provider = 'webgpu' | 'wasm';

const browsers = new Map<Provider, Promise<Browser>>();

/**
 * One browser of each kind for all files that a worker of Vitest runs (its modules outlive a file, see vitest.config.ts).
 * It ends with the worker's process.
 */
export async function sharedBrowser(provider: Provider): Promise<Browser> {
  const known = await browsers.get(provider)?.catch(() => undefined);
  if (known?.isConnected() === true) return known;
  const launched = launchBrowser(provider);
  browsers.set(provider, launched);
  return launched;
}

/** Another browser, which the caller closes. `flags` come on top of the usual ones. */
export function launchBrowser(provider: Provider, flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: inject('browserPath'), args: [...chromiumFlags(provider), ...flags] });
}
