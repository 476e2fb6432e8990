/** The study of the built-in ladder: every checkpoint and every prompt set that the lab is shipped with. */
import { builtInSetName, type BuiltInSetFile } from '../../../core/built-in-sets.ts';
import type { Ladder } from '../../../formats/ladders/ladder.ts';
import { PLAN_VERSION, type PlanSet, type StudyPlan } from '../../../formats/study/study-plan.ts';

const SEED = 20_261;
const RESAMPLES = 1000;
const CONTROL_REPEATS = 20; // as in the original study

const set = (file: BuiltInSetFile): PlanSet => ({ name: builtInSetName(file), source: { kind: 'built-in', file }, part: null }); // prettier-ignore

export function builtInPlan({ id, name, defaults }: Ladder): StudyPlan {
  return {
    version: PLAN_VERSION,
    name: `Harmfulness directions over ${name}`,
    concept: { positive: 'harmful', negative: 'safe' },
    ladder: { kind: 'built-in', id, revisions: 'all' },
    sets: [
      set('harm-train.jsonl'),
      set('harm-test.jsonl'),
      set('harm-rewritten.jsonl'),
      set('ood-questions.jsonl'),
      set('ood-imperatives.jsonl'),
      set('ood-behaviours.jsonl'),
      set('truth.jsonl'),
    ],
    train: ['Training'],
    tests: [
      { name: 'In distribution', role: 'in-distribution', sets: ['Held out'] },
      { name: 'Rewritten', role: 'rewritten', sets: ['Rewritten'] },
      { name: 'Questions', role: 'out-of-distribution', sets: ['Questions'] },
      { name: 'Imperatives', role: 'out-of-distribution', sets: ['Imperatives'] },
      { name: 'Behaviours', role: 'out-of-distribution', sets: ['Behaviours'] },
    ],
    truth: 'Truth',
    layer: 'auto',
    sweep: true,
    pooling: defaults.pooling,
    template: defaults.directionTemplate,
    resamples: RESAMPLES,
    controlRepeats: CONTROL_REPEATS,
    seed: SEED,
  };
}
