/** The study of the built-in ladder: every checkpoint and every prompt set that the lab is shipped with. */
import type { Ladder } from '../../../formats/ladders/ladder.ts';
import { PLAN_VERSION, type PlanSet, type StudyPlan } from '../../../formats/study/study-plan.ts';

const SEED = 20_261;
const RESAMPLES = 1000;
const CONTROL_REPEATS = 20; // as in the original study

const set = (name: string, file: string): PlanSet => ({ name, source: { kind: 'built-in', file }, part: null });

export function builtInPlan({ id, name, defaults }: Ladder): StudyPlan {
  return {
    version: PLAN_VERSION,
    name: `Harmfulness directions over ${name}`,
    concept: { positive: 'harmful', negative: 'safe' },
    ladder: { kind: 'built-in', id, revisions: 'all' },
    sets: [
      set('Training', 'harm-train.jsonl'),
      set('Held out', 'harm-test.jsonl'),
      set('Rewritten', 'harm-rewritten.jsonl'),
      set('Questions', 'ood-questions.jsonl'),
      set('Imperatives', 'ood-imperatives.jsonl'),
      set('Behaviours', 'ood-behaviours.jsonl'),
      set('Truth', 'truth.jsonl'),
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
