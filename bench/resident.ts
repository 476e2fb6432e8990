/**
 * Measures a checkpoint of real shape on the built site, in Chromium on WASM: the Checkpoints page converts it from a local Hub, and
 * Steer opens it and answers. Then compares the same model with a bare decoder of ONNX Runtime. The weights are synthetic.
 * `npx tsx bench/resident.ts [1B|7B] [precision] [--convert] [threads]`: `--convert` stops after the conversion
 */
import { join } from 'node:path';
import { PRECISIONS, type Precision } from '../src/engine/graph/precisions.ts';
import { modelFolderName } from '../src/sources/opfs-models.ts';
import type {} from '../tests/browser/engine-page/engine-page.ts';
import { serveFewPrompts } from '../tests/browser/steer-page.ts';
import { startHubServer } from '../tests/hub-server/hub-server.ts';
import { madeUpCheckpoint } from '../tests/hub-server/made-up-checkpoint.ts';
import { OLMO_2_1B, OLMO_3_7B } from '../tests/hub-server/olmo-shapes.ts';
import { filesOfFolder, type ServedFile } from '../tests/hub-server/served-file.ts';
import { answerFigures, convert, openInSteer, openLabTab, prepareConversion, type LabTab } from './parts/lab-tab.ts';
import type { CaseReport, Timings } from './parts/resident-job.ts';
import { median, printTable } from './parts/table.ts';
import { TabMemory, type WatchedJob } from './parts/tab-memory.ts';

const JOB = { promptTokens: 128, steps: 8, rounds: 5 };
const SHAPES = { '1B': OLMO_2_1B, '7B': OLMO_3_7B } as const;
/** The built-in ladder's tokenizer, since the project does not contain OLMo's own: speed does not depend on the words. */
const TOKENIZER = join(import.meta.dirname, '../public/ladders/tiny-olmo3/Instruct');
const REPO = 'made-up/OLMo';
const PROMPT = Array.from({ length: 15 }, () => 'Can you explain how to steal a salary secretly?').join(' ');
const ANSWER_TOKENS = 16;

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const [shape = '1B', chosen = 'int8', threads = '2'] = words;
if (shape !== '1B' && shape !== '7B') throw new Error(`no shape ${shape}; there are 1B and 7B`);
const precision = PRECISIONS.find((known) => known === chosen);
if (precision === undefined) throw new Error(`no precision ${chosen}`);

const tokenizer = Object.entries(filesOfFolder(TOKENIZER)).filter(([file]) => /^(tokenizer|special)/.test(file));
const files = madeUpCheckpoint(SHAPES[shape], { files: Object.fromEntries(tokenizer) });
const isHashed = (file: unknown): file is ServedFile => typeof file === 'object' && file !== null && 'sha256' in file;
for (const file of Object.values(files)) if (isHashed(file)) await file.sha256(); // a real Hub has computed them in advance
const hub = await startHubServer([{ id: REPO, branches: { main: files } }]);
const tab = await openLabTab();
const memory = await TabMemory.of(tab.browser, tab.page);

const rows: (string | number)[][] = [];
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)}`;

function addRow(what: string, { seconds, cpuSeconds, peak }: WatchedJob<unknown>): void {
  console.error(`${what}: ${seconds.toFixed(1)} s`); // a run takes minutes
  const { heap, wasm, both, tab: own, total } = peak;
  const times = [seconds.toFixed(1), cpuSeconds.toFixed(1)];
  rows.push([what, ...times, ...[heap, wasm, both, own, total].map(megabytes)]);
}

async function convertOnPage(tab: LabTab, precision: Precision): Promise<void> {
  const page = await prepareConversion(tab, hub.url, REPO, precision);
  addRow('the page before', await memory.during(() => new Promise((resolve) => setTimeout(resolve, 2000))));
  addRow('converting', await memory.during(() => convert(page)));
}

/** Opens the model and asks it as a visitor would; returns the speed that the page shows. */
async function askOnPage(tab: LabTab, model: string): Promise<ReadonlyMap<string, string>> {
  await serveFewPrompts(tab.page.context(), 1); // thousands would take an hour
  const choices = { prompt: PROMPT, template: 'raw', length: String(ANSWER_TOKENS), lambda: 'general:1' };
  const opened = await memory.during(() => openInSteer(tab, model, choices));
  addRow('opening, and directions of 28 prompts', opened);
  const answered = await memory.during(() => answerFigures(opened.value));
  addRow(`answering, two rows of ${ANSWER_TOKENS} tokens`, answered);
  return answered.value;
}

await convertOnPage(tab, precision);
const figures = process.argv.includes('--convert') ? null : await askAndCompare();

async function askAndCompare(): Promise<ReadonlyMap<string, string>> {
  const model = modelFolderName(`${REPO}@main`, String(precision), 32);
  const figures = await askOnPage(tab, model);
  await tab.page.goto(tab.enginePageUrl);
  await tab.page.waitForFunction(() => 'converter' in window);
  const report = await tab.page.evaluate(
    ([model, job, threads]) => window.converter.residentBench(model, job, threads),
    [model, JOB, Number(threads)] as const,
  );
  const title = `The lab against the bare decoder, ${shape}, ${String(precision)}, ${threads} threads, prompts of ${JOB.promptTokens} tokens`;
  printTable(
    title,
    ['', 'lab, tokens a second', 'bare, tokens a second', 'lab against bare'],
    report.cases.flatMap(caseRows),
  );
  console.log(
    `\nLargest difference of a logit over one prompt: ${report.logitDifference.toExponential(1)} of the largest.`,
  );
  return figures;
}

function caseRows({ rows, prefill, decode }: CaseReport): string[][] {
  const what = rows === 1 ? 'one row' : 'the Steer pair, two rows';
  return [speedRow(`prefill, ${what}`, prefill, rows * JOB.promptTokens), speedRow(`decode, ${what}`, decode, rows)];
}

/** Tokens per second over all rows, from the medians of both. */
function speedRow(what: string, { lab, bare }: Timings, tokens: number): string[] {
  const rate = (ms: readonly number[]): number => (1000 * tokens) / median(ms);
  const share = `${((100 * rate(lab)) / rate(bare)).toFixed(0)} %`;
  return [what, rate(lab).toFixed(2), rate(bare).toFixed(2), share];
}

await tab.close();
await hub.close();
printTable(
  `A made-up ${shape} checkpoint in ${precision}, the built lab in Chromium, WASM with ${threads} threads`,
  [
    ...['', 'seconds', 'CPU seconds of the browser', 'JS heaps and buffers, MB', 'WASM, MB', 'both, MB'],
    ...['tab, resident, MB', 'all processes, resident, MB'],
  ],
  rows,
);
if (figures !== null) console.log(`\nThe page shows: ${[...figures].map((entry) => entry.join(' ')).join(', ')}.`);
process.exit();
