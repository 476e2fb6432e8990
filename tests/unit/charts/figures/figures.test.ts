import { describe, expect, test } from 'vitest';
import type { ChartStyle } from '../../../../src/charts/chart-style.ts';
import type { Figure } from '../../../../src/charts/figure.ts';
import {
  categoryCosines,
  centroidDrift,
  checkpointCosines,
  classMeasure,
  cosinesToGeneral,
  directionNorms,
  principalAngles,
} from '../../../../src/charts/figures/geometry-figures.ts';
import {
  categoriesOverTraining,
  scoresOverTraining,
  selectivityOverTraining,
  type ProbeChoice,
} from '../../../../src/charts/figures/score-figures.ts';
import { layerSweep, stageJumps, transferMatrix } from '../../../../src/charts/figures/probe-maps.ts';
import { rocCurve, scoreHistogram } from '../../../../src/charts/figures/detail-figures.ts';
import { centroidMap, scoreAndDeviation } from '../../../../src/charts/figures/track-figures.ts';
import type { StudyResults } from '../../../../src/formats/study/study-results.ts';
import { madeUpDetail, madeUpPlan, madeUpResults } from '../../../support/made-up-results.ts';
import { STYLE } from '../../../support/chart-style.ts';

const MISSING = [3, 4, 9];
const results = madeUpResults(MISSING);
const choice: ProbeChoice = {
  ...{ direction: 'general', test: 'held out', probe: 'projection', metric: 'auroc' },
  ...{ axis: 'order', scale: 'log', controls: true, surface: true },
};

interface DrawnDatum {
  readonly value: readonly (number | null)[];
  readonly target: unknown;
}
interface DrawnSeries {
  readonly id?: string;
  readonly type: string;
  readonly name?: string;
  readonly connectNulls?: boolean;
  readonly data: readonly DrawnDatum[];
  readonly markLine?: {
    readonly data: readonly { readonly xAxis: number; readonly label: { readonly formatter: string } }[];
  };
}

const seriesOf = (figure: Figure): DrawnSeries[] => figure.option?.series as unknown as DrawnSeries[];

function series(figure: Figure, id: string): DrawnSeries {
  const found = seriesOf(figure).find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`${figure.id} has no series ${id}`);
  return found;
}

const all: readonly (readonly [string, (from: StudyResults, style: ChartStyle) => Figure])[] = [
  ['scores', (from, style) => scoresOverTraining(from, choice, style)],
  ['selectivity', (from, style) => selectivityOverTraining(from, choice, style)],
  ['categories', (from, style) => categoriesOverTraining(from, choice, style)],
  ['sweep', (from, style) => layerSweep(from, choice, style)],
  ['transfer', (from, style) => transferMatrix(from, choice, style)],
  ['checkpoint cosines', (from, style) => checkpointCosines(from, 'general', style)],
  ['category cosines', (from, style) => categoryCosines(from, 2, style)],
  ['to general', (from, style) => cosinesToGeneral(from, choice, style)],
  ['norms', (from, style) => directionNorms(from, choice, style)],
  ['centroids', (from, style) => classMeasure(from, 'centroidNorm', choice, style)],
  ['variance', (from, style) => classMeasure(from, 'variance', choice, style)],
  ['distance', (from, style) => classMeasure(from, 'meanDistance', choice, style)],
  ['drift', (from, style) => centroidDrift(from, choice, style)],
  ['angles', (from, style) => principalAngles(from, choice, style)],
  ['deviation', (from, style) => scoreAndDeviation(from, 4, style)],
  ['PCA', (from, style) => centroidMap(from, 4, style)],
  ['ROC', (_, style) => rocCurve(madeUpDetail(2, 'projection', 'general', 'held out'), style)],
  [
    'histogram',
    (_, style) => scoreHistogram(madeUpDetail(2, 'projection', 'general', 'held out'), madeUpPlan.concept, style),
  ],
];

describe.each(all)('%s', (name, draw) => {
  const figure = draw(results, STYLE);

  test('names both axes, and its title is in the picture that leaves the page', () => {
    const { xAxis, yAxis } = figure.option as unknown as { xAxis: { name: string }; yAxis: { name: string } };
    expect(xAxis.name).not.toBe('');
    expect(yAxis.name).not.toBe('');
    expect(figure.title).not.toBe('');
    expect(figure.option?.title).toBeUndefined();
    expect(draw(results, { ...STYLE, titled: true }).option?.title).toMatchObject({ text: figure.title });
  });

  test('joins nothing over a gap, and its table says every number that is drawn', () => {
    const numbers = new Set(figure.table.rows.flatMap(({ cells }) => cells));
    for (const { type, connectNulls, data, id } of seriesOf(figure)) {
      if (type === 'line' && id !== 'roc' && id !== 'chance' && id !== 'threshold' && id !== 'stages') {
        if (id?.startsWith('surface') !== true) expect(connectNulls, id).toBe(false);
      }
      if (type === 'custom' || id === 'chance') continue;
      for (const { value } of data) {
        const measured = value.at(-1);
        if (measured !== null && measured !== undefined) expect(numbers).toContain(measured);
      }
    }
    expect(figure.table.rows.length).toBeGreaterThan(0);
    for (const { cells } of figure.table.rows) expect(cells).toHaveLength(figure.table.columns.length);
  });

  test('stands on a phone and before anything is measured', () => {
    const empty: StudyResults = { ...results, checkpoints: [], ladder: null, surface: [], layer: null };
    const bare = draw(empty, { ...STYLE, width: 300 });
    expect(bare.height).toBeGreaterThan(100);
    if (name !== 'ROC' && name !== 'histogram') expect(bare.table.rows).toEqual([]);
  });
});

describe('lines over training', () => {
  const figure = scoresOverTraining(results, choice, STYLE);

  test('hold exactly the measured values, and null where a checkpoint is missing', () => {
    const line = series(figure, 'test rewritten');
    expect(line.data).toHaveLength(results.points.length);
    line.data.forEach(({ value, target }, point) => {
      const checkpoint = results.checkpoints.find((entry) => entry.point === point);
      const row = checkpoint?.probes.find(
        (entry) => entry.probe === 'projection' && entry.direction === 'general' && entry.test === 'rewritten',
      );
      expect(value).toEqual([point, row?.auroc ?? null]);
      if (row) expect(target).toEqual({ point, probe: 'projection', direction: 'general', test: 'rewritten' });
      else expect(target).toBeNull();
    });
    expect(line.data.filter(({ value }) => value[1] === null)).toHaveLength(MISSING.length);
  });

  test('carry their intervals and the mark where each stage begins', () => {
    const band = series(figure, 'test rewritten interval').data as unknown as (number | null)[][];
    const row = results.checkpoints[0]?.probes.find(
      ({ test: name, direction }) => name === 'rewritten' && direction === 'general',
    );
    expect(band[0]).toEqual([0, row?.interval.low, row?.interval.high]);
    expect(band[3]).toEqual([null, null, null]);
    const marks = series(figure, 'stages').markLine?.data.map(({ xAxis, label }) => [xAxis, label.formatter]);
    expect(marks).toEqual([
      [0, 'Init'],
      [1, 'Pretraining'],
      [9, 'Mid'],
      [11, 'Long'],
      [12, 'SFT'],
      [13, 'DPO'],
      [14, 'Instruct'],
    ]);
  });

  test('controls and baselines are switched on and off, and belong to AUROC alone', () => {
    const ids = (change: Partial<ProbeChoice>): string[] =>
      seriesOf(scoresOverTraining(results, { ...choice, ...change }, STYLE)).map(({ id = '' }) => id);
    expect(ids({})).toEqual(expect.arrayContaining(['control random-labels', 'control truth', 'surface words']));
    expect(ids({ controls: false }).filter((id) => id.startsWith('control'))).toEqual([]);
    expect(ids({ surface: false }).filter((id) => id.startsWith('surface'))).toEqual([]);
    expect(ids({ metric: 'tpr' }).filter((id) => /^(control|surface)/.test(id))).toEqual([]);
    const truth = series(figure, 'control concept-on-truth').data[0]?.value[1];
    expect(truth).toBe(results.checkpoints[0]?.controls.find(({ control }) => control === 'concept-on-truth')?.auroc);
  });

  test('selectivity is the task less the control of the same test', () => {
    const drawn = series(selectivityOverTraining(results, choice, STYLE), 'test questions').data[0]?.value[1] as number;
    const [first] = results.checkpoints;
    const task = first?.probes.find(
      ({ test: name, direction }) => name === 'questions' && direction === 'general',
    )?.auroc;
    const control = first?.controls.find((row) => row.control === 'random-labels' && row.test === 'questions')?.auroc;
    expect(drawn).toBeCloseTo((task ?? NaN) - (control ?? NaN), 12);
  });

  test('drift stands at the later of two neighbours, and the first has none', () => {
    const data = series(centroidDrift(results, choice, STYLE), 'negative').data;
    const distances = results.ladder?.drift[0]?.distances ?? [];
    expect(data[0]?.value[1]).toBeNull();
    expect(data[1]?.value[1]).toBe(distances[0]);
    expect(data[5]?.value[1]).toBe(distances[2]); // checkpoints 3 and 4 are missing, so 5 is the third neighbour
  });
});

describe('matrices', () => {
  test('leave out what was not measured', () => {
    const { data } = series(checkpointCosines(results, 'violence', STYLE), 'cells');
    expect(data).toHaveLength(results.checkpoints.length ** 2);
    const gone = data.filter(({ value: [i, j] }) => MISSING.includes(i as number) || MISSING.includes(j as number));
    expect(gone).toEqual([]);
  });

  test('a cell is the direction of its row on activations of its column', () => {
    const { data } = series(transferMatrix(results, { direction: 'general', test: 'rewritten' }, STYLE), 'cells');
    const matrix = results.ladder?.directions[0]?.transfer.find(({ test: name }) => name === 'rewritten')?.auroc;
    const [from, to] = [results.checkpoints[1]?.point, results.checkpoints[5]?.point];
    expect(data.find(({ value: [i, j] }) => i === to && j === from)?.value[2]).toBe(matrix?.[1]?.[5]);
  });

  test('cosines have a neutral middle at zero', () => {
    expect(checkpointCosines(results, 'general', STYLE).option?.visualMap).toMatchObject({ min: -1, max: 1 });
  });

  test('the layer sweep has a row for each layer', () => {
    const { data } = series(layerSweep(results, { direction: 'general', test: 'held out' }, STYLE), 'cells');
    const targets = data.filter(({ target }) => target !== null);
    expect(targets.map(({ value }) => value[1])).toEqual(results.checkpoints.map(() => results.layer?.layer));
    const row = results.checkpoints[2]?.sweep.find(
      (entry) => entry.direction === 'general' && entry.test === 'held out',
    );
    expect(data.filter(({ value }) => value[0] === 2).map(({ value }) => value[2])).toEqual(row?.auroc);
  });
});

describe('tracks', () => {
  test('of the PCA end at the chosen checkpoint, on axes that say what they explain', () => {
    const figure = centroidMap(results, 4, STYLE);
    const track = results.ladder?.pca?.tracks.find(({ name }) => name === 'violence');
    expect(series(figure, 'violence track').data.map(({ value }) => value)).toEqual(
      track?.coordinates.slice(0, 5).map(([x, y]) => [x, y]),
    );
    expect(series(figure, 'violence now').data.map(({ value }) => value)).toEqual([track?.coordinates[4]?.slice(0, 2)]);
    expect(figure.option).toMatchObject({ xAxis: { name: 'component 1 (61.0 % of the variance)' } });
    expect(figure.option?.animation).toBe(true);
    expect(centroidMap(results, 4, { ...STYLE, still: true }).option?.animation).toBe(false);
  });

  test('of scores start from the negative class as the origin', () => {
    const figure = scoreAndDeviation(results, 0, STYLE);
    for (const { value } of series(figure, 'negative track').data) expect(value).toEqual([0, 0]);
  });
});

test('the table of jumps shows what is asked for alone', () => {
  const { table, option } = stageJumps(results, { direction: 'violence', test: 'rewritten' });
  const jumps =
    results.ladder?.jumps.filter((jump) => jump.direction === 'violence' && jump.test === 'rewritten') ?? [];
  expect(option).toBeNull();
  expect(table.rows.map(({ cells }) => cells.slice(2))).toEqual(
    jumps.map(({ difference, p, cosine }) => [difference, p, cosine]),
  );
});

describe('a figure without numbers says why', () => {
  const whyOf = ({ table }: Figure): string | undefined => table.empty;
  const done = (count: number): StudyResults => ({ ...results, checkpoints: results.checkpoints.slice(0, count), ladder: null }); // prettier-ignore

  test('where a test is never compared between checkpoints', () => {
    const out = { direction: 'general', test: 'questions' };
    const compared = results.ladder?.directions.map((one) => ({ ...one, transfer: one.transfer.filter(({ test: name }) => name !== 'questions') })); // prettier-ignore
    const ladder = results.ladder === null ? null : { ...results.ladder, directions: compared ?? [] };
    const figure = transferMatrix({ ...results, ladder }, out, STYLE);
    expect(figure).toMatchObject({ option: null, table: { rows: [] } });
    expect(whyOf(figure)).toContain('not computed for out-of-distribution tests');
    expect(whyOf(transferMatrix(results, { ...out, test: 'rewritten' }, STYLE))).toBeUndefined();
  });

  test('where there are too few checkpoints, or none', () => {
    const some = { direction: 'general', test: 'rewritten' };
    expect(whyOf(transferMatrix(done(1), some, STYLE))).toBe('Transfer needs two checkpoints; only one is complete.');
    expect(whyOf(stageJumps(done(1), some))).toContain('two stages');
    expect(whyOf(principalAngles(done(1), choice, STYLE))).toBe('Angles need two checkpoints.');
    expect(whyOf(transferMatrix(done(0), some, STYLE))).toBeUndefined();
  });

  test('where a test has no prompts of the category', () => {
    const lacking = results.checkpoints.map((one) => ({ ...one, probes: one.probes.filter(({ direction }) => direction === 'general'), sweep: [] })); // prettier-ignore
    const without = { ...results, checkpoints: lacking, ladder: null };
    for (const figure of [
      transferMatrix(without, { direction: 'violence', test: 'rewritten' }, STYLE),
      layerSweep(without, { direction: 'violence', test: 'rewritten' }, STYLE),
    ])
      // prettier-ignore
      expect(whyOf(figure)).toContain('no prompts in that category');
  });
});
