/**
 * Times the built-in study on the Probe page of the built site, in Chromium on WASM: first the whole study, then only its analysis from
 * the stored activations, starting with a freshly opened page. `npx tsx bench/study.ts [runs of the analysis, by default 3]`
 */
import { availableParallelism } from 'node:os';
import { StudyPage } from '../tests/browser/study-page.ts';
import type { StudyPlan } from '../src/formats/study/study-plan.ts';
import { openLabTab } from './parts/lab-tab.ts';
import { printTable } from './parts/table.ts';
import { TabMemory, type TimedJob, type WatchedJob } from './parts/tab-memory.ts';

const PATIENCE_MS = 3_600_000;

const runs = Number(process.argv[2] ?? 3);
const tab = await openLabTab();
const memory = await TabMemory.of(tab.browser, tab.page);
const rows: (string | number)[][] = [];
const NOT_WATCHED = { heap: NaN, wasm: NaN, both: NaN, tab: NaN };

function addRow(what: string, job: TimedJob<unknown> | WatchedJob<unknown>): void {
  const { heap, wasm, both, tab: own } = 'peak' in job ? job.peak : NOT_WATCHED;
  const megabytes = [heap, wasm, both, own].map((bytes) => (Number.isNaN(bytes) ? '' : `${Math.round(bytes / 1e6)}`));
  rows.push([what, job.seconds.toFixed(1), job.cpuSeconds.toFixed(1), ...megabytes]);
  console.error(`${what}: ${job.seconds.toFixed(1)} s`); // a run takes minutes
}

async function runStudy(study: StudyPage): Promise<void> {
  await study.runButton.click();
  await tab.page.locator('[data-study=running]').waitFor();
  await tab.page.locator('[data-study=done], [data-study=failed]').waitFor({ timeout: PATIENCE_MS });
  if (await tab.page.locator('[data-study=failed]').isVisible()) throw new Error(await study.bar.innerText());
}

await tab.page.goto(`${tab.url}#/probe`);
const study = new StudyPage(tab.page);
await study.opened();
addRow('the whole study', await memory.during(() => runStudy(study)));
const { plan, checkpoints } = await study.results();
let resamples = plan.resamples;

/** Different results from the same activations. */
async function planAnew(): Promise<void> {
  const again: StudyPlan = { ...plan, resamples: ++resamples };
  await study.usePlan(again);
}

await tab.page.reload();
await study.opened();
await planAnew();
addRow('its analysis alone, in a page just opened', await memory.timed(() => runStudy(study)));
for (let run = 1; run <= runs; run++) {
  await planAnew();
  addRow(`once more, run ${run}`, await memory.timed(() => runStudy(study)));
}
await planAnew();
addRow('once more, the memory watched', await memory.during(() => runStudy(study)));
await tab.close();
printTable(
  `The built-in study, ${checkpoints.length} checkpoints, ${availableParallelism()} cores, Chromium on WASM:`,
  [
    '',
    'seconds',
    'CPU seconds of the browser',
    'JS heaps and buffers, MB',
    'WASM, MB',
    'both, MB',
    'tab, resident, MB',
  ],
  rows,
);
process.exit();
