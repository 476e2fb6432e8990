/**
 * Tokens per second of each precision in Chromium, on WASM and on WebGPU (with SwiftShader if there is no GPU; then only ratios are
 * meaningful).
 * `npx tsx bench/precision-browser.ts CHECKPOINT_FOLDER [steps on WASM, 16] [steps on WebGPU, 2]`
 */
import { rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PRECISIONS } from '../src/engine/graph/precisions.ts';
import { OUTPUT, serveEnginePage } from '../tests/browser/harness/serve.ts';
import { openEnginePage } from './parts/engine-page.ts';
import { printTable } from './parts/table.ts';

const [folder, stepsOnWasm = '16', stepsOnWebGpu = '2'] = process.argv.slice(2);
if (folder === undefined) throw new Error('name a checkpoint’s folder');
const served = await serveEnginePage();
const link = join(OUTPUT, 'engine-page/checkpoint');
rmSync(link, { recursive: true, force: true });
symlinkSync(resolve(folder), link, 'junction');

const rows: (string | number)[][] = [];
for (const provider of ['wasm', 'webgpu'] as const) {
  const steps = Number(provider === 'wasm' ? stepsOnWasm : stepsOnWebGpu);
  let base = NaN;
  for (const precision of PRECISIONS) {
    if (provider === 'webgpu' && precision === 'int8') continue; // a CPU-only kernel
    const { browser, page } = await openEnginePage(served.url, provider);
    const { stepMs, loadMs } = await page.evaluate(
      ([provider, request]) => window.engine.speed('checkpoint', provider, request),
      [provider, { rows: 1, steps, prompts: 1, precision }] as const,
    );
    await browser.close();
    if (precision === 'float32') base = stepMs;
    console.error(`${provider} ${precision}: ${stepMs.toFixed(0)} ms per step`); // a run takes minutes
    rows.push([provider, precision, (loadMs / 1000).toFixed(1), stepMs.toFixed(1), `× ${(base / stepMs).toFixed(2)}`]);
  }
}
await served.close();
rmSync(link, { force: true });
printTable(
  `${folder} in Chromium, one row, one thread`,
  ['provider', 'precision', 'load, s', 'step, ms', 'speed against float32'],
  rows,
);
process.exit();
