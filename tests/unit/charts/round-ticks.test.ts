/** What a reader takes from a figure's axes and ranges: round ticks, where an axis begins, and what a band is. */
import { describe, expect, test } from 'vitest';
import { scoreHistogram } from '../../../src/charts/figures/detail-figures.ts';
import { withInterval } from '../../../src/charts/numbers.ts';
import {
  categoriesOverTraining,
  scoresOverTraining,
  type ProbeChoice,
} from '../../../src/charts/figures/score-figures.ts';
import { roundTicks } from '../../../src/charts/round-ticks.ts';
import type { StudyResults } from '../../../src/formats/study/study-results.ts';
import { madeUpDetail, madeUpPlan, madeUpResults } from '../../support/made-up-results.ts';
import { STYLE } from '../../support/chart-style.ts';

const choice: ProbeChoice = {
  ...{ direction: 'general', test: 'held out', probe: 'projection', metric: 'auroc' },
  ...{ axis: 'order', scale: 'log', controls: true, surface: true },
};

/** The made-up results with every AUROC of a probe moved to `auroc`. */
function resultsAt(auroc: number): StudyResults {
  const results = madeUpResults();
  const checkpoints = results.checkpoints.map((checkpoint) => ({
    ...checkpoint,
    probes: checkpoint.probes.map((row) => ({ ...row, auroc })),
  }));
  return { ...results, checkpoints };
}

const yAxisOf = ({ option }: ReturnType<typeof categoriesOverTraining>): unknown => option?.yAxis;

describe('round ticks', () => {
  test.each([
    [-3.127, 4.812, 8, ['−2', '0', '2', '4']],
    [0, 1, 6, ['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']],
    [0.0013, 0.0041, 4, ['0.002', '0.003', '0.004']],
    [-1900, 2100, 5, ['−1000', '0', '1000', '2000']],
  ])('from %f to %f', (low, high, most, texts) => {
    const ticks = roundTicks(low, high, most);
    expect(ticks.map(({ text }) => text)).toEqual(texts.map((text) => (Number(text) === 0 ? '0' : text)));
    for (const { value } of ticks) expect(value >= low && value <= high).toBe(true);
  });

  test('there are none where nothing lies between', () => {
    expect(roundTicks(2, 2, 5)).toEqual([]);
    expect(roundTicks(NaN, 1, 5)).toEqual([]);
  });

  test('stand at their scores in a histogram', () => {
    const made = madeUpDetail(0, 'projection', 'general', 'held out');
    const [low, high] = [-3.127, 4.812];
    const edges = made.histogram.edges.map((_, bin, { length }) => low + (bin / (length - 1)) * (high - low));
    const detail = { ...made, histogram: { ...made.histogram, edges } };
    const axis = scoreHistogram(detail, madeUpPlan.concept, STYLE).option?.xAxis as {
      axisLabel: { customValues: number[]; formatter: (at: number) => string };
    };
    const { customValues, formatter } = axis.axisLabel;
    expect(customValues.map(formatter)).toEqual(['−2', '0', '2', '4']);
    for (const at of customValues) {
      const score = low + (at / (edges.length - 1)) * (high - low);
      expect(Number(formatter(at).replace('−', '-'))).toBeCloseTo(score, 9);
    }
  });
});

describe('an axis of AUROC', () => {
  test('begins at chance where all lies above, and says so', () => {
    expect(yAxisOf(categoriesOverTraining(resultsAt(0.93), choice, STYLE))).toMatchObject({
      name: 'AUROC (0.5: chance; axis from 0.5)',
      min: 0.5,
      max: 1,
    });
  });

  test('begins below the lowest value where that is below chance', () => {
    expect(yAxisOf(categoriesOverTraining(resultsAt(0.34), choice, STYLE))).toMatchObject({ min: 0.3 });
    expect(yAxisOf(categoriesOverTraining(resultsAt(0.02), choice, STYLE))).toMatchObject({
      name: 'AUROC (0.5: chance)',
      min: 0,
    });
  });

  test('a share keeps all of its axis', () => {
    expect(yAxisOf(categoriesOverTraining(resultsAt(0.9), { ...choice, metric: 'tpr' }, STYLE))).toMatchObject({
      min: 0,
      max: 1,
    });
  });
});

describe('a range', () => {
  test('is named after what it is', () => {
    const interval = { low: 0.4, high: 0.6 };
    expect(withInterval(0.5, interval)).toBe('0.5000 (95 %: 0.4000 to 0.6000)');
    expect(withInterval(0.5, interval, 20)).toBe('0.5000 (2.5 to 97.5 % of 20 repeats: 0.4000 to 0.6000)');
  });

  test('of a control is where its repeats lie, in the table as in the note', () => {
    const results = madeUpResults();
    const { table, note } = scoresOverTraining(results, choice, STYLE);
    const at = table.columns.indexOf('range');
    const named = (series: string): unknown => table.rows.find(({ cells }) => cells[4] === series)?.cells[at];
    const repeats = results.checkpoints[0]?.controls.find(({ control }) => control === 'random-labels')?.repeats ?? 0;
    expect(repeats).toBeGreaterThan(1);
    expect(named('Random labels')).toBe(`2.5 to 97.5 % of ${repeats} repeats`);
    expect(named('rewritten')).toBe('95 % interval');
    expect(note).toContain(`2.5 to 97.5 % of ${results.plan.controlRepeats} repeats`);
  });
});
