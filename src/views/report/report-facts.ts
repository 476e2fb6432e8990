/** What was done, in the rows of a table. */
import { siteText } from '../../charts/figures/score-figures.ts';
import type { StudyResults } from '../../state/study/study.svelte.ts';

export type Fact = readonly [what: string, value: string];

export function reportFacts(results: StudyResults): readonly Fact[] {
  const { plan, points, checkpoints, layer, sets } = results;
  const prompts = (name: string): number =>
    sets.find((set) => set.name === name)?.counts.reduce((sum, count) => sum + count.prompts, 0) ?? 0;
  const trainedOn = (test: string): string => {
    const shared = results.shared?.find((one) => one.kind === 'trained-on' && one.test === test);
    return shared === undefined ? '' : `; ${shared.prompts} of ${shared.of} prompts also in training`;
  };
  const named = (names: readonly string[]): string => names.map((name) => `${name} (${prompts(name)})`).join(', ');
  return [
    ['Concept', `${plan.concept.positive} vs ${plan.concept.negative}`],
    ['Ladder', plan.ladder.kind === 'built-in' ? plan.ladder.id : plan.ladder.name],
    ['Checkpoints', `${checkpoints.length} of ${points.length} measured`],
    ['Site', siteText(results) + (layer === null ? '' : `, of ${layer.layers} layers with ${layer.hidden} dimensions`)],
    [
      'Layer',
      plan.layer === 'auto'
        ? `chosen by AUROC of the general direction on ${layer?.point === undefined ? 'the last checkpoint' : (points[layer.point]?.label ?? '')}, then fixed`
        : 'set in the plan',
    ],
    ['Prompt format', plan.template === 'chat' ? 'chat template' : 'raw text'],
    ['Directions computed from', named(plan.train)],
    ...plan.tests.map(({ name, role, sets: used }): Fact => [
      `Test: ${name}`,
      `${role.replaceAll('-', ' ')}; ${named(used)}${trainedOn(name)}`,
    ]),
    ['Truth control', plan.truth === null ? 'none' : named([plan.truth])],
    ['Intervals', `95 %, stratified bootstrap, ${plan.resamples} resamples`],
    ['Random controls', `${plan.controlRepeats} repeats`],
    ['Seed', `${plan.seed}`],
  ];
}
