/**
 * Times the complete analysis of one checkpoint at OLMo 3 7B's width: every direction, probe, test and control of the built-in study,
 * with 1,000 training prompts per class, on synthetic activations. `npx tsx bench/analysis-wide.ts [runs, by default 2]`
 */
import { readPlan, studySources } from '../cli/study/study-files.ts';
import { Options } from '../cli/command.ts';
import { createRandom, gaussian } from '../src/core/sampling/random.ts';
import type { Prompt } from '../src/formats/prompts/prompt-set.ts';
import type { StudyPlan } from '../src/formats/study/study-plan.ts';
import { AnalysisContext } from '../src/labs/study/analysis/analysis-context.ts';
import { LocalAnalyst } from '../src/labs/study/analysis/analyst.ts';
import { resolveStudy } from '../src/labs/study/plan/resolve-study.ts';
import { activationsAt, layerScoresKey } from '../src/labs/study/run/study-store.ts';
import { NEGATIVE } from '../src/formats/study/study-results.ts';
import { classOf } from '../src/labs/study/plan/class-names.ts';
import type { StudySet } from '../src/labs/study/plan/study-set.ts';
import { writeActivations } from '../src/labs/extraction/activation-store.ts';
import { printTable } from './parts/table.ts';

const HIDDEN = 4096;
const LAYERS = 32;
const LAYER = 15;
const FACTORS = 64; // shared by the dimensions, with power-law strengths: activations are far from white noise
const CLASS = 1000; // training prompts per class

const plan: StudyPlan = { ...(await readPlan('built-in')), layer: LAYER };
const sources = studySources('.', new Options({}));
const study = await resolveStudy(plan, {
  ...sources,
  readSet: async (source) => ofEachClass(await sources.readSet(source), CLASS),
});
const random = createRandom(1);
const factors = Float64Array.from({ length: FACTORS * HIDDEN }, () => gaussian(random));
const places = new Map(study.names.map((name, place) => [name, place + 3])); // the factor that a category shifts

/** A number of prompts per label, taking the categories in turn; all of them if there are no more. */
function ofEachClass(prompts: readonly Prompt[], count: number): readonly Prompt[] {
  const seen = new Map<string, number>();
  const places = prompts.map((prompt) => {
    const place = seen.get(prompt.category) ?? 0;
    seen.set(prompt.category, place + 1);
    return place;
  });
  const kept = ['harmful', 'safe'].flatMap((label) => {
    const ofLabel = prompts.map((prompt, index) => ({ prompt, index })).filter(({ prompt }) => prompt.label === label);
    return ofLabel.sort((a, b) => (places[a.index] ?? 0) - (places[b.index] ?? 0)).slice(0, count);
  });
  const chosen = new Set(kept.map(({ index }) => index));
  return prompts.filter(
    (prompt, index) => chosen.has(index) || (prompt.label !== 'harmful' && prompt.label !== 'safe'),
  );
}

/** Activations [prompts, hidden] in which classes overlap. */
function madeUp({ prompts }: StudySet): Float32Array {
  const values = new Float32Array(prompts.length * HIDDEN);
  for (const [row, prompt] of prompts.entries()) {
    const at = row * HIDDEN;
    for (let i = 0; i < HIDDEN; i++) values[at + i] = gaussian(random) / 2 + (i === 7 ? 30 : 0); // one massive dimension
    const moved = places.get(classOf(prompt)) ?? -1;
    for (let factor = 0; factor < FACTORS; factor++) {
      const strength = (1.2 * gaussian(random)) / (factor + 1) ** 0.7 + (factor === moved || (factor === 2 && moved > 0) ? 1 : 0);
      for (let i = 0; i < HIDDEN; i++) values[at + i] = (values[at + i] as number) + strength * (factors[factor * HIDDEN + i] as number);
    }
  } // prettier-ignore
  return values;
}

const stored = new Map<string, unknown>();
const store = {
  get: (key: string) => Promise.resolve(stored.get(key)),
  set: (key: string, value: unknown) => Promise.resolve(void stored.set(key, value)),
};
const commit = 'made up';
const { reading, names, trainDigest } = study;
for (const set of study.sets.values()) {
  const rows = set.prompts.length;
  const inputs = activationsAt(commit, set.digest, LAYER, reading);
  await writeActivations(store, { inputs, checkpoint: commit, promptSet: set.name, rows, hidden: HIDDEN, values: madeUp(set) }); // prettier-ignore
  const scores = Float32Array.from({ length: LAYERS * names.length * rows }, () => gaussian(random));
  stored.set(layerScoresKey(commit, set.digest, trainDigest, reading), { layers: LAYERS, names, rows, scores });
}

const runs: string[][] = [];
for (let run = 1; run <= Number(process.argv[2] ?? 2); run++) {
  const analyst = new LocalAnalyst(new AnalysisContext(study, LAYER), store);
  const before = { clock: performance.now(), cpu: process.cpuUsage() };
  await analyst.analyse(0, commit, null);
  const { user, system } = process.cpuUsage(before.cpu);
  runs.push([String(run), ((performance.now() - before.clock) / 1000).toFixed(1), ((user + system) / 1e6).toFixed(1)]);
}
const training = study.sets.get('Training')?.prompts.map(classOf) ?? [];
const safe = training.filter((name) => name === NEGATIVE).length;
const all = [...study.sets.values()].reduce((sum, { prompts }) => sum + prompts.length, 0);
printTable(
  `One checkpoint of ${HIDDEN} dimensions, ${names.length} directions, ${training.length - safe} + ${safe} training prompts, ${all} in all, one thread:`,
  ['run', 'seconds', 'CPU seconds'],
  runs,
);
