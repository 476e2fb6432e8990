import { rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, preview } from 'vite';

const ROOT = resolve(import.meta.dirname, '../../..');
const CONFIG = join(ROOT, 'vite.config.ts'); // the same bundler, headers and base as the lab that ships
/** Where pages are built to. */
export const OUTPUT = join(ROOT, 'tests/.output');
const TRANSFORMERS_PAGE = join(ROOT, 'tests/browser/transformers-page');
const ENGINE_PAGE = join(ROOT, 'tests/browser/engine-page');

export interface Served {
  readonly url: string; // ends with a slash
  readonly close: () => Promise<void>;
}

/** Builds the lab as it ships and serves it. */
export async function serveLab(): Promise<Served> {
  const outDir = join(OUTPUT, 'lab');
  await build({ root: ROOT, configFile: CONFIG, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  return serve(ROOT, outDir);
}

/**
 * Builds and serves the page in which tests drive the engine without the lab around it. Beside it lie `/fixtures`
 * (tests/fixtures), and `/ladders` and `/prompts` as in the lab.
 */
export async function serveEnginePage(): Promise<Served> {
  const outDir = join(OUTPUT, 'engine-page');
  const shared = { outDir, emptyOutDir: true, copyPublicDir: false };
  await build({ root: ENGINE_PAGE, configFile: CONFIG, logLevel: 'warn', build: shared });
  for (const [name, target] of [
    ['fixtures', 'tests/fixtures'],
    ['ladders', 'public/ladders'],
    ['prompts', 'public/prompts'],
  ] as const) {
    rmSync(join(outDir, name), { recursive: true, force: true });
    symlinkSync(join(ROOT, target), join(outDir, name), 'junction'); // a ladder is 100 MB: linked, not copied
  }
  return serve(ENGINE_PAGE, outDir);
}

/** Builds and serves a page with stock transformers.js, and `models` beside it as `/models`. */
export async function serveTransformersPage(models: string): Promise<Served> {
  const outDir = join(OUTPUT, 'transformers-page');
  const shared = { outDir, emptyOutDir: true, copyPublicDir: false };
  await build({ root: TRANSFORMERS_PAGE, configFile: CONFIG, logLevel: 'error', build: shared }); // it warns of its own size
  rmSync(join(outDir, 'models'), { recursive: true, force: true });
  symlinkSync(models, join(outDir, 'models'), 'junction');
  return serve(TRANSFORMERS_PAGE, outDir);
}

async function serve(root: string, outDir: string): Promise<Served> {
  const server = await preview({
    root,
    configFile: CONFIG,
    logLevel: 'warn',
    build: { outDir },
    preview: { port: 0, host: '127.0.0.1', open: false },
  });
  const url = server.resolvedUrls?.local[0];
  if (url === undefined) throw new Error(`vite preview of ${outDir} printed no address`);
  return { url, close: () => server.close() };
}
