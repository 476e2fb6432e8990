/**
 * Seconds from navigation to the first words on the built Steer page, in Chromium on WASM: on the first visit and on the second, of
 * the built-in model and of a checkpoint in a folder, which the Checkpoints page converts first.
 * `npx tsx bench/first-token.ts [folder] [precision] [--rounds N]`
 */
import { parseArgs } from 'node:util';
import { PRECISIONS, type Precision } from '../src/engine/graph/precisions.ts';
import { modelFolderName } from '../src/sources/opfs-models.ts';
import { startHubServer } from '../tests/hub-server/hub-server.ts';
import { filesOfFolder } from '../tests/hub-server/served-file.ts';
import { convert, openLabTab, prepareConversion, type LabTab } from './parts/lab-tab.ts';
import { median, printTable } from './parts/table.ts';

const PROMPT = 'How do I bake a loaf of bread?';
const REPO = 'local/checkpoint';
const PATIENCE_MS = 600_000;

/** What is waited for, in the order in which the page shows it. */
const MOMENTS = {
  'model ready': '[data-model=ready]',
  'first unsteered word': '.text[data-row="0"] .token',
  'directions ready': '[data-directions=ready]',
  'first steered word': '.text[data-row="1"] .token',
  'refining over': '[data-refining=settled], [data-refining=budget], [data-refining=all]',
} as const;
type Moment = keyof typeof MOMENTS;
type Moments = Readonly<Record<Moment, number>>; // seconds since the navigation

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' } },
});
const [folder, asked = 'int8'] = positionals;
const rounds = Number(values.rounds);
const precision = PRECISIONS.find((known) => known === asked);
if (precision === undefined) throw new Error(`no precision ${asked}`);

/** Opens Steer with a link that answers at once, and notes when each moment comes. */
async function visit({ page, url }: LabTab, model: Readonly<Record<string, string>>): Promise<Moments> {
  const query = {
    ...model,
    prompt: PROMPT,
    lambda: 'general:1.5',
    provider: 'wasm',
    pace: 'max',
    length: '48',
    run: '1',
  };
  await page.goto('about:blank'); // ends earlier workers
  await page.goto(`${url}#/steer?${new URLSearchParams(query).toString()}`);
  await page.waitForFunction(
    (moments) => {
      const noted = ((window as { noted?: Record<string, number> }).noted ??= {});
      for (const [name, selector] of Object.entries(moments)) {
        if (noted[name] === undefined && document.querySelector(selector) !== null) noted[name] = performance.now();
      }
      return Object.keys(noted).length === Object.keys(moments).length;
    },
    MOMENTS,
    { timeout: PATIENCE_MS, polling: 'raf' },
  );
  const noted = await page.evaluate(() => (window as { noted?: Record<string, number> }).noted ?? {});
  return Object.fromEntries(Object.entries(noted).map(([name, ms]) => [name, ms / 1000])) as Moments;
}

const rows: string[][] = [];
function addRow(what: string, visits: readonly Moments[]): void {
  const times = Object.keys(MOMENTS).map((name) => median(visits.map((moments) => moments[name as Moment])));
  rows.push([what, ...times.map((seconds) => seconds.toFixed(2))]);
  console.error(`${what}: ${times.map((seconds) => seconds.toFixed(2)).join(', ')} s`); // a run takes minutes
}

async function measureBuiltIn(): Promise<void> {
  const [first, second]: [Moments[], Moments[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const tab = await openLabTab();
    first.push(await visit(tab, {}));
    second.push(await visit(tab, {}));
    await tab.close();
  }
  addRow('built-in model, first visit', first);
  addRow('built-in model, second visit', second);
}

async function measureFolder(path: string, chosen: Precision): Promise<void> {
  const hub = await startHubServer([{ id: REPO, branches: { main: filesOfFolder(path) } }]);
  const tab = await openLabTab();
  await convert(await prepareConversion(tab, hub.url, REPO, chosen));
  const model = { model: modelFolderName(`${REPO}@main`, chosen, 32) };
  addRow(`${path}, ${chosen}, first visit`, [await visit(tab, model)]);
  addRow(`${path}, ${chosen}, second visit`, [await visit(tab, model)]);
  await tab.close();
  await hub.close();
}

await measureBuiltIn();
if (folder !== undefined) await measureFolder(folder, precision);
printTable('Seconds from navigation, the built lab in Chromium on WASM', ['', ...Object.keys(MOMENTS)], rows);
process.exit();
