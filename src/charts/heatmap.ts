/** A matrix as coloured cells; what was not measured stays empty, on another ground. */
import { highest, lowest } from '../core/statistics/min-max.ts';
import type { HeatmapSeriesOption, XAXisComponentOption, YAXisComponentOption } from 'echarts';
import { shownText } from '../core/text/visible-text.ts';
import { type ChartStyle, isNarrow } from './chart-style.ts';
import type { Datum, Figure, FigureRow, Target } from './figure.ts';
import { frame } from './frame.ts';
import { exact } from './numbers.ts';
import { tooltip } from './tooltip.ts';

export interface HeatAxis {
  readonly name: string; // with its unit
  readonly labels: readonly string[]; // exact, for tooltips and tables
  readonly ticks: readonly string[]; // what stands at the axis; empty: nothing
  readonly breaks: readonly boolean[]; // a line before it: a stage begins
}

export interface HeatCell {
  readonly value: number;
  readonly target: Target | null;
}

export interface HeatmapSpec {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly x: HeatAxis;
  readonly y: HeatAxis;
  readonly cells: readonly (readonly (HeatCell | null)[])[]; // [y][x]; null: not measured
  readonly value: string; // its name, with its unit
  readonly scale: 'diverging' | 'sequential';
  readonly cellText: boolean; // numbers in the cells, where they are few
}

const SCALE_PIXELS = 44; // the colours' own axis
const MOST_CELL = 22; // pixels; many rows share the height

const tickText = (text: string): string => shownText(text, 24); // characters

export function heatmap(spec: HeatmapSpec, style: ChartStyle): Figure {
  const { id, title, note, x, y, cells, value, cellText } = spec;
  const narrow = isNarrow(style);
  const labelPixels = Math.max(24, highest(y.ticks.map((tick) => tickText(tick).length * 6))) + 26;
  const plot = Math.max(160, Math.min(style.width - labelPixels - 20, y.labels.length * MOST_CELL, 560));
  const longest = Math.max(0, highest(x.ticks.map((tick) => tickText(tick).length)));
  const foot = SCALE_PIXELS + Math.min(86, longest * 5.2);
  const data = cells.flatMap((row, j) =>
    row.flatMap((cell, i): Datum[] => {
      if (cell === null) return [];
      const head = `${y.name}: ${y.labels[j] ?? ''}; ${x.name}: ${x.labels[i] ?? ''}`;
      return [{ value: [i, j, cell.value], head, text: `${value} ${exact(cell.value)}`, target: cell.target }];
    }),
  );
  const series: HeatmapSeriesOption = {
    id: 'cells',
    type: 'heatmap',
    data: data as unknown as NonNullable<HeatmapSeriesOption['data']>,
    label: { show: cellText && !narrow, fontSize: 10.5, formatter: (params) => shortCell(params.data) },
    itemStyle: { borderColor: style.surface, borderWidth: cells.length > 20 ? 0 : 1 },
    emphasis: { itemStyle: { borderColor: style.ink, borderWidth: 1 } },
    progressive: 0,
  };
  const base = frame({ title, legend: [], axis: null, footPixels: foot - 12, leftPixels: labelPixels }, style);
  return {
    id,
    title,
    note,
    height: plot + 74 + foot,
    option: {
      ...base,
      grid: { ...base.grid, show: true, backgroundColor: style.sunken, borderColor: style.line },
      tooltip: tooltip('item', style),
      xAxis: {
        ...axisOption(x, style),
        nameGap: foot - SCALE_PIXELS + 20,
        axisLabel: { ...labels(x, style), rotate: longest > 4 ? 60 : 0 },
      } as XAXisComponentOption,
      yAxis: {
        ...axisOption(y, style),
        nameGap: labelPixels - 18,
        axisLabel: labels(y, style),
      } as YAXisComponentOption,
      visualMap: {
        ...range(spec, style),
        type: 'continuous',
        dimension: 2,
        calculable: false,
        orient: 'horizontal',
        left: 'center',
        bottom: 0,
        itemWidth: 10,
        itemHeight: Math.min(220, style.width / 2),
        precision: 2,
        textStyle: { color: style.muted },
      },
      series: [series],
    },
    table: { columns: [y.name, x.name, value], rows: tableRows(spec) },
  };
}

function shortCell(data: unknown): string {
  const number = (data as Datum).value[2];
  return typeof number === 'number' ? number.toFixed(2).replace('-', '−') : '';
}

/** Both halves of a diverging scale are equally long, so that its neutral middle is zero. */
function range({ cells, scale, value }: HeatmapSpec, style: ChartStyle): object {
  const measured = cells.flatMap((row) => row.flatMap((cell) => (cell === null ? [] : [cell.value])));
  if (scale === 'diverging')
    return { min: -1, max: 1, inRange: { color: [...style.diverging] }, text: [`${value} 1`, '−1'] };
  const min = Math.floor(Math.min(0.5, lowest(measured)) * 10) / 10;
  return { min, max: 1, inRange: { color: [...style.sequential] }, text: [`${value} 1`, min.toFixed(1)] };
}

function axisOption({ name, labels: names, breaks }: HeatAxis, style: ChartStyle): object {
  return {
    type: 'category',
    data: [...names],
    name,
    nameLocation: 'middle',
    nameTextStyle: { color: style.muted },
    axisLine: { show: false },
    axisTick: { show: false },
    z: 3,
    splitArea: { show: false },
    splitLine: {
      show: breaks.includes(true),
      interval: (index: number) => breaks[index] === true,
      lineStyle: { color: style.ink, opacity: 0.55 },
    },
  };
}

function labels({ ticks }: HeatAxis, style: ChartStyle): object {
  return {
    color: style.muted,
    fontSize: 11,
    interval: (index: number) => (ticks[index] ?? '') !== '',
    formatter: (_: string, index: number) => tickText(ticks[index] ?? ''),
  };
}

function tableRows({ x, y, cells }: HeatmapSpec): FigureRow[] {
  return cells.flatMap((row, j) =>
    row.flatMap((cell, i): FigureRow[] =>
      cell === null ? [] : [{ cells: [y.labels[j] ?? '', x.labels[i] ?? '', cell.value], target: cell.target }],
    ),
  );
}
