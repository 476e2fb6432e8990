/** Times the analysis of a whole ladder from activations that `lab study --out DIR` stored: `npx tsx bench/analysis.ts DIR`. */
import { join } from 'node:path';
import { readPlan, readResults, studySources } from '../cli/study/study-files.ts';
import { Options } from '../cli/command.ts';
import { UnitFolder } from '../cli/study/unit-folder.ts';
import { AnalysisContext } from '../src/labs/study/analysis/analysis-context.ts';
import { StudyAnalysis } from '../src/labs/study/analysis/study-analysis.ts';
import { resolveStudy } from '../src/labs/study/plan/resolve-study.ts';
import type { StudyStore } from '../src/labs/study/run/study-store.ts';
import { printTable } from './parts/table.ts';

const RUNS = Number(process.env['RUNS'] ?? 3); // the first is a warm-up

/** Reads everything into memory first, so that the disk does not affect the times. */
async function inMemory(folder: UnitFolder): Promise<StudyStore> {
  const keys = await folder.keys();
  const values = new Map(await Promise.all(keys.map(async (key) => [key, await folder.get(key)] as const)));
  return {
    get: (key) => Promise.resolve(values.get(key)),
    set: () => Promise.resolve(),
    remove: () => Promise.resolve(),
    keys: () => Promise.resolve(keys),
  };
}

const [out = ''] = process.argv.slice(2);
const plan = await readPlan(join(out, 'plan.json'));
const study = await resolveStudy(plan, studySources(out, new Options({})));
const layer = (await readResults(out)).layer?.layer ?? 0;
const store = await inMemory(new UnitFolder(join(out, 'units')));
const rows: (readonly string[])[] = [];
for (let run = 0; run < RUNS; run++) {
  const before = { clock: performance.now(), cpu: process.cpuUsage().user };
  const analysis = new StudyAnalysis(new AnalysisContext(study, layer), store, null);
  await analysis.begin();
  const surface = process.cpuUsage().user - before.cpu;
  for (const [point, { commit }] of study.points.entries()) await analysis.add(point, commit ?? '');
  const checkpoints = process.cpuUsage().user - before.cpu - surface;
  await analysis.finish([]);
  const whole = process.cpuUsage().user - before.cpu;
  const seconds = (microseconds: number): string => (microseconds / 1e6).toFixed(1);
  rows.push([
    String(run + 1),
    ((performance.now() - before.clock) / 1000).toFixed(1),
    ...[whole, surface, checkpoints, whole - surface - checkpoints].map(seconds),
  ]);
}
const prompts = [...study.sets.values()].reduce((sum, set) => sum + set.prompts.length, 0);
printTable(
  `${study.points.length} checkpoints, ${study.names.length} directions, ${prompts} prompts each, one thread, Node:`,
  ['run', 'seconds', 'CPU seconds', 'of it: texts alone', 'checkpoints and transfer', 'tests between stages'],
  rows,
);
