/**
 * Measures streamed extraction at OLMo 3 7B's shape with synthetic weights, under Node and in Chromium, on WASM with two threads: bytes,
 * time and memory per layer, and its arithmetic compared with bare products between its runs.
 * `npx tsx bench/streamed.ts [node|chromium|both] [prompts, by default 64] [layers to run, by default 3] [plain]`; `plain` leaves out
 * the second run, with the bare products.
 */
import type { Browser } from 'playwright-core';
import { openNodeRuntime } from '../src/engine/device/runtime.node.ts';
import { processMemory } from '../tests/browser/harness/process-memory.ts';
import { serveEnginePage } from '../tests/browser/harness/serve.ts';
import { openEnginePage } from './parts/engine-page.ts';
import { measureStreamed, type StreamedJob, type StreamedReport } from './parts/streamed-job.ts';
import { printTable } from './parts/table.ts';

const THREADS = 2;
const TOKENS = 20; // tokens per prompt
const SAMPLE_MS = 200; // interval between memory samples
const GB = 1e9;

const [place = 'both', prompts = '64', layers = '3', passes = 'all'] = process.argv.slice(2);
const job = { prompts: Number(prompts), tokens: TOKENS, layers: Number(layers) };
const isPlain = passes === 'plain';
const rows: (string | number)[][] = [];

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const perLayer = (values: readonly number[]): string => values.map((ms) => (ms / 1000).toFixed(1)).join(', ');

/** One table row: memory from a plain run, rates from a run with bare products in between. */
function addRow(where: string, plain: StreamedReport, peakBytes: number, timed: StreamedReport): void {
  const { planned, layerFlops, gemmGflops } = timed;
  const inRuns = (layerFlops * timed.runMs.length) / sum(timed.runMs) / 1e6;
  const inLayers = (layerFlops * timed.layerMs.length) / sum(timed.layerMs) / 1e6;
  const against = (gflops: number): string =>
    gemmGflops === null ? 'not run' : `${((100 * gflops) / gemmGflops).toFixed(0)} %`;
  rows.push([
    where,
    timed.runTokens,
    perLayer(plain.layerMs),
    (sum(plain.layerMs) / 1000).toFixed(0),
    inRuns.toFixed(1),
    inLayers.toFixed(1),
    gemmGflops?.toFixed(1) ?? 'not run',
    against(inRuns),
    against(inLayers),
    (peakBytes / GB).toFixed(2),
    (planned.peak.total / GB).toFixed(2),
  ]);
}

function printPlan({ planned, bytesFetched }: StreamedReport): void {
  printTable(
    'To fetch for layer 15, by the plan',
    ['checkpoint, GB', 'to fetch, GB', 'share', 'requests', `fetched by the ${job.layers} layers that ran, GB`],
    [
      [
        (planned.checkpointBytes / GB).toFixed(2),
        (planned.bytesToFetch / GB).toFixed(2),
        `${(100 * planned.share).toFixed(1)} %`,
        planned.requests,
        (bytesFetched / GB).toFixed(2),
      ],
    ],
  );
}

async function inNode(): Promise<StreamedReport> {
  const runtime = openNodeRuntime(THREADS);
  const plain = await measureStreamed(runtime, { ...job, hasGemm: false });
  const peak = process.resourceUsage().maxRSS * 1024;
  addRow('Node', plain, peak, isPlain ? plain : await measureStreamed(runtime, { ...job, hasGemm: true }));
  return plain;
}

async function inChromium(): Promise<StreamedReport> {
  const served = await serveEnginePage();
  const { browser, page } = await openEnginePage(served.url, 'wasm');
  const measure = (request: StreamedJob): Promise<StreamedReport> =>
    page.evaluate(([request, threads]) => window.engine.streamedBench(request, threads), [request, THREADS] as const);
  const { peak, result: plain } = await watchMemory(browser, () => measure({ ...job, hasGemm: false }));
  addRow('Chromium', plain, peak, isPlain ? plain : await measure({ ...job, hasGemm: true }));
  await browser.close();
  await served.close();
  return plain;
}

/** Peak memory of all browser processes together while the job ran. */
async function watchMemory<T>(browser: Browser, job: () => Promise<T>): Promise<{ peak: number; result: T }> {
  let peak = 0;
  const look = async (): Promise<void> => {
    peak = Math.max(peak, (await processMemory(browser)).total);
  };
  const watch = setInterval(() => void look(), SAMPLE_MS);
  try {
    const result = await job();
    return { result, peak };
  } finally {
    clearInterval(watch);
  }
}

const reports = [place === 'chromium' ? null : await inNode(), place === 'node' ? null : await inChromium()];
printTable(
  `${job.prompts} prompts of ${TOKENS} tokens at OLMo 3 7B's shape, float32 on WASM, ${THREADS} threads, ${job.layers} layers`,
  [
    'where',
    'tokens a run',
    's a layer, each',
    's in all',
    'GFLOP/s in the runs',
    'with decoding and fetching',
    'bare products',
    'runs against bare',
    'layers against bare',
    'peak, all processes, GB',
    'planned peak, GB',
  ],
  rows,
);
const [report] = reports.filter((entry) => entry !== null);
if (report !== undefined) printPlan(report);
process.exit();
