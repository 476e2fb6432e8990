/**
 * Compares residuals, logits and steered logits with those that transformers computed in float32, and a batch with its single rows:
 * the largest relative L2 error of every golden case, in Chromium on both providers. `npx tsx bench/parity.ts`
 */
import { serveEnginePage } from '../tests/browser/harness/serve.ts';
import { CASES } from '../tests/parity/golden-cases.ts';
import type { Deviation } from '../tests/parity/golden-case.ts';
import { openEnginePage } from './parts/engine-page.ts';
import { printTable } from './parts/table.ts';

const PROVIDERS = ['wasm', 'webgpu'] as const;
const served = await serveEnginePage();
const rows = new Map<string, (string | number)[]>(CASES.map(({ name }) => [name, [name]]));

function worst(deviations: readonly Deviation[]): string {
  return Math.max(...deviations.map(({ relativeL2 }) => relativeL2)).toExponential(1);
}

for (const provider of PROVIDERS) {
  const { browser, page } = await openEnginePage(served.url, provider);
  for (const { name, checkpoint } of CASES) {
    const { single, batched, generations } = await page.evaluate(
      ([name, provider, checkpoint]) => window.engine.golden(name, provider, checkpoint),
      [name, provider, checkpoint ?? undefined] as const,
    );
    const same = generations.filter(({ ids, golden }) => ids.join() === golden.join()).length;
    rows.get(name)?.push(worst(single), worst(batched), `${same} of ${generations.length}`);
  }
  await browser.close();
}
await served.close();
printTable(
  'Largest relative L2 error, and greedy texts that are the same token by token',
  [
    'case',
    ...PROVIDERS.flatMap((name) => [`${name}: against transformers`, `${name}: batch against alone`, `${name}: texts`]),
  ],
  [...rows.values()],
);
process.exit();
