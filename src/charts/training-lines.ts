/** Lines over training, one a series: the measured values with their intervals, and gaps where nothing was measured. */
import { counted } from '../core/text/plural.ts';
import { distinct } from '../core/text/distinct-names.ts';
import type { CustomSeriesOption, LineSeriesOption } from 'echarts';
import { rangeName } from '../core/statistics/quantiles.ts';
import type { Interval, LadderPoint } from '../formats/study/study-results.ts';
import { type ChartStyle, symbolOf } from './chart-style.ts';
import type { Datum, Figure, FigureRow, Target } from './figure.ts';
import { frame, legendRows, stageSeries, valueAxis } from './frame.ts';
import { type BandPoint, intervalBand } from './interval-band.ts';
import { withInterval } from './numbers.ts';
import { pointText } from './results-index.ts';
import { tooltip } from './tooltip.ts';
import { type AxisChoice, markRows, trainingAxis } from './training-axis.ts';

export interface Measured {
  readonly value: number;
  readonly interval: Interval | null; // of 95 %, or where the middle 95 % of the repeats lie
  readonly repeats?: number; // of a random control
  readonly target: Target | null;
}

export interface TrainingLine {
  readonly id: string;
  readonly name: string;
  readonly colour: string;
  readonly dashed: boolean; // a control or a baseline
  readonly values: readonly (Measured | null)[]; // by point of the plan
}

/** A value that does not depend on the checkpoint. */
export interface Level {
  readonly id: string;
  readonly name: string;
  readonly colour: string;
  readonly value: number;
  readonly interval: Interval | null;
}

export interface TrainingLinesSpec {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly points: readonly LadderPoint[];
  readonly choice: AxisChoice;
  readonly y: { readonly name: string; readonly min?: number; readonly max?: number; readonly log?: boolean };
  readonly lines: readonly TrainingLine[];
  readonly levels: readonly Level[];
}

const PLOT_PIXELS = 270;

export function trainingLines(spec: TrainingLinesSpec, style: ChartStyle): Figure {
  const { id, title, note, points, choice, y, lines, levels } = withOwnNames(spec);
  const axis = trainingAxis(points, choice, style);
  const names = [...lines, ...levels].map(({ name }) => name);
  const legend = names.length > 1 ? names : [];
  const unplaced = axis.places.filter((place) => place === null).length;
  const bands = lines.flatMap((line): CustomSeriesOption[] => {
    const band = line.values.map((value, point): BandPoint | null => {
      const place = axis.places[point] ?? null;
      return value?.interval && place !== null ? { place, interval: value.interval } : null;
    });
    return band.every((point) => point === null)
      ? []
      : [intervalBand(`${line.id} interval`, line.name, line.colour, band)];
  });
  const { min, max, log = false } = y;
  return {
    id,
    title,
    note:
      unplaced === 0
        ? note
        : `${note} ${counted(unplaced, 'checkpoint')} ${unplaced === 1 ? 'has no value on this axis and is' : 'have no value on this axis and are'} not shown.`,
    height: PLOT_PIXELS + 62 + 13 * markRows(axis) + 21 * legendRows(legend, style),
    option: {
      ...frame({ title, legend, axis }, style),
      tooltip: tooltip('axis', style),
      xAxis: axis.option,
      yAxis: {
        ...valueAxis(y.name, style, { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) }),
        ...(log ? { type: 'log' } : {}),
      },
      series: withOwnIds([
        stageSeries(axis, style),
        ...lines.map((line, index) => lineSeries(line, index, points, axis.places)),
        ...levels.map((level) => levelSeries(level, axis.option)),
        ...bands, // after the lines, whose marks the legend shows; they lie below all the same
      ]),
    },
    table: { columns: COLUMNS(y.name), rows: tableRows({ ...spec, lines, levels }) },
  };
}

/** A test may be called like a control, a category like the other class: the legend tells them apart all the same. */
function withOwnNames(spec: TrainingLinesSpec): TrainingLinesSpec {
  const { lines, levels } = spec;
  const names = distinct([...lines, ...levels].map(({ name }) => name));
  const named = <T extends { readonly name: string }>(one: T, place: number): T => ({
    ...one,
    name: names[place] ?? one.name,
  });
  return { ...spec, lines: lines.map(named), levels: levels.map((level, place) => named(level, lines.length + place)) };
}

/** ECharts refuses two series of one id, and a category may be called `stages`. */
function withOwnIds<T extends { readonly id?: string | number }>(series: readonly T[]): T[] {
  const ids = distinct(series.map(({ id }) => String(id)));
  return series.map((one, place) => ({ ...one, id: ids[place] ?? '' }));
}

function lineSeries(
  { id, name, colour, dashed, values }: TrainingLine,
  index: number,
  points: readonly LadderPoint[],
  places: readonly (number | null)[],
): LineSeriesOption {
  const data = values.map((measured, point): Datum => {
    const head = pointText(points[point] as LadderPoint);
    const place = places[point] ?? null;
    if (measured === null || place === null) return { value: [place, null], head, text: 'not measured', target: null };
    const { value, interval, repeats, target } = measured;
    return { value: [place, value], head, text: withInterval(value, interval, repeats), target };
  });
  return {
    id,
    name,
    type: 'line',
    data: data as unknown as NonNullable<LineSeriesOption['data']>,
    connectNulls: false,
    showSymbol: true,
    symbol: symbolOf(index),
    symbolSize: dashed ? 4 : 6,
    z: dashed ? 2 : 3,
    itemStyle: { color: colour },
    lineStyle: { color: colour, width: dashed ? 1.25 : 1.75, type: dashed ? 'dashed' : 'solid' },
    emphasis: { disabled: true },
  };
}

/** A horizontal line over the whole axis; it has no checkpoints and so no points. */
function levelSeries(
  { id, name, colour, value, interval }: Level,
  axis: { min?: unknown; max?: unknown },
): LineSeriesOption {
  const text = withInterval(value, interval);
  const data = [axis.min, axis.max].map((place): Datum => ({
    value: [place as number, value],
    head: name,
    text,
    target: null,
  }));
  return {
    id,
    name,
    type: 'line',
    data: data as unknown as NonNullable<LineSeriesOption['data']>,
    showSymbol: false,
    silent: true,
    z: 2,
    itemStyle: { color: colour },
    lineStyle: { color: colour, width: 1.25, type: [2, 4] },
    tooltip: { show: false },
  };
}

const COLUMNS = (y: string): string[] => ['checkpoint', 'stage', 'step', 'tokens', 'series', y, 'low', 'high', 'range'];

function tableRows({ points, lines, levels }: TrainingLinesSpec): FigureRow[] {
  const measured = lines.flatMap(({ name, values }) =>
    values.flatMap((found, index): FigureRow[] => {
      if (found === null) return [];
      const { label, stage, step, tokens } = points[index] as LadderPoint;
      const { value, interval, repeats, target } = found;
      return [{ cells: [label, stage, step, tokens, name, value, ...rangeCells(interval, repeats)], target }];
    }),
  );
  const constant = levels.map(({ name, value, interval }): FigureRow => ({
    cells: ['all', null, null, null, name, value, ...rangeCells(interval)],
    target: null,
  }));
  return [...measured, ...constant];
}

const rangeCells = (interval: Interval | null, repeats?: number): FigureRow['cells'] =>
  interval === null ? [null, null, null] : [interval.low, interval.high, rangeName(repeats)];
