/** Figures of results whose names mean something to the lab, to JavaScript or to ECharts. */
import { describe, expect, it } from 'vitest';
import type { Figure } from '../../../../src/charts/figure.ts';
import * as geometry from '../../../../src/charts/figures/geometry-figures.ts';
import {
  categoriesOverTraining,
  scoresOverTraining,
  type ProbeChoice,
} from '../../../../src/charts/figures/score-figures.ts';
import { layerSweep, transferMatrix } from '../../../../src/charts/figures/probe-maps.ts';
import { centroidMap, scoreAndDeviation } from '../../../../src/charts/figures/track-figures.ts';
import type { StudyResults } from '../../../../src/formats/study/study-results.ts';
import { madeUpResults } from '../../../support/made-up-results.ts';
import { STYLE } from '../../../support/chart-style.ts';

const RENAMED: Readonly<Record<string, string>> = {
  violence: 'stages',
  privacy_violation: 'safe',
  hate_speech: '__proto__',
  non_violent: 'constructor',
  financial_crime: 'Drug abuse',
  'held out': 'a',
  behaviours: 'a interval',
  questions: 'Random labels',
};

const results = JSON.parse(
  Object.entries(RENAMED).reduce(
    (text, [from, to]) => text.replaceAll(`"${from}"`, JSON.stringify(to)),
    JSON.stringify(madeUpResults()),
  ),
) as StudyResults;

const CHOICE: ProbeChoice = {
  ...{ axis: 'order', scale: 'linear', direction: 'general', test: 'a', probe: 'projection', metric: 'auroc' },
  ...{ controls: true, surface: true },
};

const FIGURES: readonly Figure[] = [
  scoresOverTraining(results, CHOICE, STYLE),
  categoriesOverTraining(results, CHOICE, STYLE),
  geometry.directionNorms(results, CHOICE, STYLE),
  geometry.cosinesToGeneral(results, CHOICE, STYLE),
  geometry.classMeasure(results, 'variance', CHOICE, STYLE),
  geometry.centroidDrift(results, CHOICE, STYLE),
  scoreAndDeviation(results, 3, STYLE),
  centroidMap(results, 3, STYLE),
  layerSweep(results, { direction: '__proto__', test: 'a' }, STYLE),
  transferMatrix(results, { direction: 'constructor', test: 'a' }, STYLE),
];

describe('names in figures', () => {
  it.each(FIGURES.map((figure) => [figure.id, figure] as const))('are kept apart: %s', (_, { option, table }) => {
    const series = [option?.series ?? []].flat() as { readonly id: string; readonly name?: string; readonly type: string }[]; // prettier-ignore
    const ids = series.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const lines = series.filter(({ type, id }) => type === 'line' && id !== 'stages');
    const names = lines.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(JSON.stringify(series)).not.toMatch(/function|\[object/);
    expect(table.rows.length).toBeGreaterThan(0);
  });

  it('have gaps where nothing was measured', () => {
    const gaps: StudyResults = {
      ...results,
      checkpoints: results.checkpoints.map((checkpoint) => ({
        ...checkpoint,
        cosines: checkpoint.cosines.map((row, i) => row.map((value, j) => (i === 1 || j === 1 ? NaN : value))),
        sweep: checkpoint.sweep.map((row) => ({ ...row, auroc: row.auroc.map((value, layer) => (layer === 2 ? NaN : value)) })), // prettier-ignore
      })),
    };
    const figures = [
      geometry.categoryCosines(gaps, 0, STYLE),
      geometry.cosinesToGeneral(gaps, CHOICE, STYLE),
      layerSweep(gaps, { direction: 'general', test: 'a' }, STYLE),
    ];
    for (const { table, option } of figures) {
      expect(table.rows.flatMap(({ cells }) => cells).some((cell) => Number.isNaN(cell))).toBe(false);
      expect(JSON.stringify(option)).not.toContain('NaN');
    }
  });
});
