import { join } from 'node:path';
import { LabError } from '../../src/core/errors.ts';
import { shown, shownMessage } from '../../src/core/text/quote.ts';
import type { StudyPlan } from '../../src/formats/study/study-plan.ts';
import { writeStudyResults } from '../../src/formats/study/study-results-file.ts';
import { leftOutLines } from '../../src/findings/left-out.ts';
import { sharedLines } from '../../src/findings/shared-prompts.ts';
import type { ResolvedStudy } from '../../src/labs/study/plan/resolved-study.ts';
import { resolveStudy, type StudySources } from '../../src/labs/study/plan/resolve-study.ts';
import { checkPlanLayer, sharedShape, type SharedShape } from '../../src/labs/study/plan/shared-shape.ts';
import { StudyRun } from '../../src/labs/study/run/study-run.ts';
import { StudyLab } from '../../src/labs/study/study-lab.ts';
import type { StudyProgress } from '../../src/labs/study/study-messages.ts';
import { UsageError, type Options, type Verb } from '../command.ts';
import { makeFolder } from '../files/file-errors.ts';
import { hubOptions } from '../options/hub-options.ts';
import { writeOutput } from '../files/output.ts';
import { withFolderLock } from '../files/output-lock.ts';
import { folderOf, nodeExtractor, pinCommit, readPlan, RESULTS_FILE, studySources } from '../study/study-files.ts';
import { UnitFolder } from '../study/unit-folder.ts';

export const study: Verb = {
  name: 'study',
  summary: 'run a study plan: activations, directions, probes, controls and geometry; run again to resume',
  options: {
    plan: { type: 'string', value: 'FILE|built-in', help: 'the plan to run', default: 'built-in' },
    out: { type: 'string', value: 'DIR', help: 'output folder for units, results.json and directions.safetensors' },
    shard: {
      type: 'string',
      value: 'I/N',
      help: 'compute only every N-th checkpoint, starting at the I-th; combine shards with study merge',
    },
    threads: { type: 'string', value: 'N', help: 'CPU threads', default: '1' },
    ...hubOptions,
    'print-plan': { type: 'boolean', help: 'print the plan as JSON and exit, as a start for your own' },
  },
  async run(options) {
    const plan = await readPlan(options.text('plan'));
    if (options.flag('print-plan')) {
      console.log(JSON.stringify(plan, null, 2));
      return;
    }
    const out = options.text('out');
    const shard = options.has('shard') ? readShard(options.text('shard')) : null;
    const checked = await checkStudy(plan, options);
    await makeFolder(out);
    await withFolderLock(out, 'study', async () => {
      await writeOutput(join(out, 'plan.json'), new TextEncoder().encode(`${JSON.stringify(plan, null, 2)}\n`));
      if (shard !== null) await runShard(shard, checked, out, options);
      else await runStudy(checked, out, options);
    });
  },
};

export const UNITS = 'units'; // subfolder of an output folder

/** A plan that has passed all checks, so its output folder may be created. */
export interface CheckedStudy {
  readonly study: ResolvedStudy;
  readonly sources: StudySources;
  readonly shared: SharedShape;
}

/** Throws if the plan cannot run; warns on standard error about anything that would distort its numbers. */
export async function checkStudy(plan: StudyPlan, options: Options): Promise<CheckedStudy> {
  const sources = studySources(folderOf(options.text('plan')), options);
  const study = await resolveStudy(plan, sources);
  const shared = await sharedShape(study.points, (point) => sources.shape(point));
  checkPlanLayer(plan.layer, shared.shape);
  for (const line of sharedLines(study.shared)) console.error(`warning: ${shownMessage(line, LONGEST_LINE)}`);
  return { study, sources, shared };
}

/** Computes the missing units, then writes results and directions. */
export async function runStudy(
  { study: { plan }, sources }: CheckedStudy,
  out: string,
  options: Options,
): Promise<void> {
  const store = new UnitFolder(join(out, UNITS));
  const lab = new StudyLab({
    ...sources,
    store,
    extractors: () => Promise.resolve([nodeExtractor(plan, out, store, options)]),
    pin: ({ source }) => pinCommit(source, options),
    storage: () => Promise.resolve(null),
  });
  const stop = (): void => lab.cancel();
  process.once('SIGINT', stop);
  const results = await lab.run({ plan, provider: 'wasm' }, showStudy, () => undefined);
  process.removeListener('SIGINT', stop);
  await writeOutput(join(out, RESULTS_FILE), new TextEncoder().encode(writeStudyResults(results)));
  const { checkpoints, layer, sets } = results;
  if (checkpoints.length > 0) await writeOutput(join(out, 'directions.safetensors'), await lab.exportDirections(plan));
  console.log(`${checkpoints.length} checkpoints at layer ${layer?.layer ?? '?'}, results in ${out}`);
  for (const { name, tooLong } of sets) {
    if (tooLong > 0) console.error(`left out: ${tooLong} of “${shown(name)}”: longer than the checkpoints’ context`);
  }
  showLeftOut(leftOutLines(results).map(({ where, text }) => `${where}: ${text}`));
  if (checkpoints.length > 0) return;
  throw new LabError('format', 'None of the plan’s checkpoints could be measured; the reasons are listed above.', 'Correct the plan, or fetch the checkpoints again.'); // prettier-ignore
}

const MOST_SHOWN = 50; // lines; results.json lists all of them
const LONGEST_LINE = 600; // characters

function showLeftOut(lines: readonly string[]): void {
  for (const line of lines.slice(0, MOST_SHOWN)) console.error(`left out: ${shownMessage(line, LONGEST_LINE)}`);
  if (lines.length > MOST_SHOWN) console.error(`left out: ${lines.length - MOST_SHOWN} more, in ${RESULTS_FILE}`);
}

async function runShard(
  [index, count]: readonly [index: number, count: number],
  { study: resolved, shared: { unlike } }: CheckedStudy,
  out: string,
  options: Options,
): Promise<void> {
  const store = new UnitFolder(join(out, UNITS));
  const run = new StudyRun(resolved, {
    store,
    unlike,
    extractors: [nodeExtractor(resolved.plan, out, store, options)],
    pin: ({ source }) => pinCommit(source, options),
    isWanted: (point) => point % count === index,
    onProgress: showStudy,
  });
  process.once('SIGINT', () => run.cancel());
  const chosen = await run.chooseLayer();
  const failures = chosen === null ? run.failures : await run.run(chosen.layer);
  showLeftOut(failures.map(({ point, error }) => `${resolved.points[point]?.point.label ?? point}: ${error.message}`));
  if (chosen === null) throw new LabError('format', 'None of the plan’s checkpoints can be used to choose the layer.', 'Set a layer in the plan, or fetch the checkpoints again.'); // prettier-ignore
  console.log(`units of shard ${index + 1} of ${count} at layer ${chosen.layer} in ${store.path}`);
}

/** `1/4` → [0, 4] */
function readShard(text: string): [index: number, count: number] {
  const [, place = '', total = ''] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const [index, count] = [Number(place), Number(total)];
  if (index >= 1 && index <= count) return [index - 1, count];
  throw new UsageError(`--shard must be written as I/N, from 1/N to N/N, not "${shown(text)}"`);
}

function showStudy({ phase, unitsDone, units, secondsLeft, underWay: [first] }: StudyProgress): void {
  if (!process.stderr.isTTY) return;
  const left = secondsLeft === null ? '' : `, ${Math.ceil(secondsLeft)} s left`;
  const now =
    first === undefined ? phase : `${shown(first.point)}, ${shown(first.set)}: ${first.done} of ${first.total}`;
  process.stderr.write(`\r${`${unitsDone} of ${units} units, ${now}${left}`.padEnd(100)}`);
}
