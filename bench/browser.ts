/**
 * Measures the engine in Chromium, on WASM and on WebGPU (with SwiftShader, only ratios and correctness are meaningful): load, steps,
 * extraction, and memory over 20 loads.
 * `npx tsx bench/browser.ts [folder under public/, by default ladders/tiny-olmo3/Instruct]`
 */
import { heldMemory, processMemory } from '../tests/browser/harness/process-memory.ts';
import { serveEnginePage } from '../tests/browser/harness/serve.ts';
import { openEnginePage } from './parts/engine-page.ts';
import { printTable } from './parts/table.ts';

const ROUNDS = 20;
const WARM_UP = 5; // loads until heap, shaders and caches have reached their size
const MB = 1e6;
const folder = process.argv[2] ?? 'ladders/tiny-olmo3/Instruct';
const served = await serveEnginePage();
const speedRows: (string | number)[][] = [];
const memoryRows: (string | number)[][] = [];

for (const provider of ['wasm', 'webgpu'] as const) {
  const { browser, page } = await openEnginePage(served.url, provider);
  const steps = provider === 'wasm' ? 100 : 5;
  const prompts = provider === 'wasm' ? 1000 : 64;
  for (const rows of [1, 2]) {
    const { loadMs, stepMs, promptsPerSecond } = await page.evaluate(
      ([folder, provider, request]) => window.engine.speed(folder, provider, request),
      [folder, provider, { rows, steps, prompts }] as const,
    );
    speedRows.push([
      provider,
      rows,
      loadMs.toFixed(0),
      stepMs.toFixed(2),
      ((rows * 1000) / stepMs).toFixed(1),
      promptsPerSecond.toFixed(0),
    ]);
  }
  const load = (times: number): Promise<void> =>
    page.evaluate(([folder, provider, times]) => window.engine.loadAndRelease(folder, provider, times), [
      folder,
      provider,
      times,
    ] as const);
  await load(WARM_UP);
  const before = [await heldMemory(page), (await processMemory(browser)).gpu];
  await load(ROUNDS);
  const after = [await heldMemory(page), (await processMemory(browser)).gpu];
  memoryRows.push([
    provider,
    ...[before[0], after[0], before[1], after[1]].map((bytes = 0) => (bytes / MB).toFixed(1)),
  ]);
  await browser.close();
}
await served.close();
printTable(
  `${folder} in Chromium, one thread; WebGPU is SwiftShader on the CPU`,
  [
    'provider',
    'rows',
    'load, ms',
    'step, ms',
    'tokens a second, all rows',
    'prompts of 20 tokens a second, all layers read',
  ],
  speedRows,
);
printTable(
  `Memory before and after ${ROUNDS} more loads and releases, MB`,
  ['provider', 'held by page and workers before', 'after', 'GPU process, resident, before', 'after'],
  memoryRows,
);
process.exit();
