/**
 * Measures a conversion: seconds, weights per second and peak memory for a synthetic checkpoint of real shape, and then the time to open
 * the converted model. `npx tsx bench/convert.ts [tiny|1B|7B] [precision,…] [folder] [--open]`
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diskModelFolder } from '../cli/files/model-folder.ts';
import { convertCheckpoint } from '../src/engine/convert/convert.ts';
import { openConverted } from '../src/engine/convert/open-converted.ts';
import { PRECISIONS, type Precision } from '../src/engine/graph/precisions.ts';
import { openNodeRuntime } from '../src/engine/device/runtime.node.ts';
import { madeUpCheckpoint, SHAPES } from './parts/made-up-checkpoint.ts';
import { printTable } from './parts/table.ts';

const opens = process.argv.includes('--open');
const [shapeName = 'tiny', precisions = 'q4,q8,int8', parent = tmpdir()] = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith('--'));
const shape = Object.entries(SHAPES).find(([name]) => name === shapeName)?.[1];
if (shape === undefined) throw new Error(`no shape ${shapeName}; there are ${Object.keys(SHAPES).join(', ')}`);

interface Peak {
  readonly resident: number;
  readonly buffers: number; // JS heap and array buffers
}

/** Sampled peak memory while `job` ran, including the process itself. */
async function peakOf(job: () => Promise<void>): Promise<Peak> {
  let [resident, buffers] = [0, 0];
  const sample = (): void => {
    const usage = process.memoryUsage();
    resident = Math.max(resident, usage.rss);
    buffers = Math.max(buffers, usage.heapUsed + usage.external);
  };
  const timer = setInterval(sample, 20);
  await job();
  clearInterval(timer);
  sample();
  return { resident, buffers };
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const rows: string[][] = [];
for (const precision of precisions.split(',')) {
  if (!PRECISIONS.some((known) => known === precision)) throw new Error(`no precision ${precision}`);
  const folder = await mkdtemp(join(parent, 'harmscope-bench-'));
  const store = await diskModelFolder(folder);
  const files = madeUpCheckpoint(shape, `made-up ${shapeName}`);
  let [start, checkStart] = [performance.now(), 0];
  const cpuStart = process.cpuUsage();
  let cpu = 0; // CPU seconds, which do not depend on other work on the machine
  let total = 0;
  let parameters = 0;
  const peak = await peakOf(async () => {
    const onProgress = ({ phase }: { phase: string }): void => {
      if (phase !== 'checking' || checkStart !== 0) return;
      checkStart = performance.now();
      const { user, system } = process.cpuUsage(cpuStart);
      cpu = (user + system) / 1e6;
    };
    const model = await convertCheckpoint(files, { precision: precision as Precision }, store, { onProgress });
    total = Object.values(model.files).reduce((sum, { bytes }) => sum + bytes, 0);
    parameters = model.parameters;
  });
  const encoding = (checkStart - start) / 1000;
  const checking = (performance.now() - checkStart) / 1000;
  const row = [
    precision,
    encoding.toFixed(1),
    cpu.toFixed(1),
    (parameters / cpu / 1e6).toFixed(0),
    checking.toFixed(1),
    megabytes(total),
    megabytes(peak.buffers),
    megabytes(peak.resident),
  ];
  if (opens) {
    start = performance.now();
    const peakOpen = await peakOf(async () => {
      const model = await openConverted(store, openNodeRuntime(2), { check: 'sizes' });
      await model.forward({ ids: [[1, 2, 3]], cache: null, logits: 'last', residuals: [] });
      await model.dispose();
    });
    row.push(((performance.now() - start) / 1000).toFixed(1), megabytes(peakOpen.resident));
  }
  rows.push(row);
  await rm(folder, { recursive: true });
}
printTable(
  `Conversion of a made-up ${shapeName} checkpoint, one thread, Node`,
  [
    ...[
      'precision',
      'seconds',
      'CPU seconds',
      'M weights a CPU second',
      'seconds to read back',
      'on disk',
      'peak heap and buffers',
    ],
    ...['peak resident', ...(opens ? ['seconds to open and run', 'peak resident then'] : [])],
  ],
  rows,
);
process.exit();
