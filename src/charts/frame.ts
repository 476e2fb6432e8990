/** What every figure has around its data: room for title, stage marks, legend and axes. */
import type { EChartsOption, GridComponentOption, LineSeriesOption } from 'echarts';
import { shownText } from '../core/text/visible-text.ts';
import { type ChartStyle, isNarrow } from './chart-style.ts';
import { markRows, type TrainingAxis } from './training-axis.ts';

const TITLE_PIXELS = 34;
const MARK_PIXELS = 13; // a row of stage labels
const MARK_GAP = 8; // between them and the plot, whose topmost symbols reach out of it
const LEGEND_PIXELS = 21; // a row of the legend
const AXIS_PIXELS = 50; // labels and name under the plot

const legendText = (name: string): string => shownText(name, 40); // characters

/** Rows that a legend of these names takes at this width. */
export function legendRows(names: readonly string[], { width }: ChartStyle): number {
  let rows = names.length === 0 ? 0 : 1;
  let used = 0;
  for (const name of names) {
    const needed = legendText(name).length * 6.6 + 42;
    if (used > 0 && used + needed > width - 24) {
      rows++;
      used = 0;
    }
    used += needed;
  }
  return rows;
}

export interface Surroundings {
  readonly title: string;
  readonly legend: readonly string[]; // names of series
  readonly axis: TrainingAxis | null; // whose marks stand above the plot
  readonly footPixels?: number; // for what else stands under the axis
  readonly leftPixels?: number;
}

export function frame(
  { title, legend, axis, footPixels = 0, leftPixels }: Surroundings,
  style: ChartStyle,
): Omit<EChartsOption, 'grid'> & { readonly grid: GridComponentOption } {
  const top = (style.titled ? TITLE_PIXELS : 0) + 12 + (axis === null ? 0 : MARK_GAP + MARK_PIXELS * markRows(axis));
  const rows = legendRows(legend, style);
  return {
    animation: false,
    aria: { enabled: false }, // the page has a name and a table for it
    textStyle: { fontFamily: style.font.replaceAll('"', "'") }, // it is written into an attribute of SVG as it is
    ...(style.titled
      ? {
          title: {
            text: shownText(title, 120),
            left: 8,
            top: 6,
            textStyle: { color: style.ink, fontSize: 14, fontWeight: 600 },
          },
        }
      : {}),
    grid: {
      left: leftPixels ?? (isNarrow(style) ? 52 : 62),
      right: 18,
      top,
      bottom: AXIS_PIXELS + rows * LEGEND_PIXELS + footPixels,
      outerBoundsMode: 'none',
    },
    legend: {
      show: rows > 0,
      data: [...legend],
      formatter: legendText,
      left: 'center',
      bottom: 0,
      itemWidth: 18,
      itemHeight: 9,
      itemGap: 12,
      textStyle: { color: style.ink, fontSize: 12 },
      inactiveColor: style.line,
    },
  };
}

/** An axis of numbers, across or upwards. */
export interface NumberAxis {
  type: 'value' | 'log';
  name: string;
  nameLocation: 'middle';
  nameGap: number;
  nameTextStyle: { color: string };
  scale: boolean;
  axisLabel: {
    color: string;
    hideOverlap?: boolean;
    showMinLabel?: boolean;
    showMaxLabel?: boolean;
    customValues?: number[];
    formatter?: (value: number) => string;
  };
  axisLine: { show: boolean; onZero?: boolean; lineStyle?: { color: string } };
  axisTick: { show: boolean };
  splitLine: { show?: boolean; lineStyle?: { color: string } };
  minInterval?: number;
  min?: number;
  max?: number;
}

export function valueAxis(
  name: string,
  style: ChartStyle,
  bounds: { readonly min?: number; readonly max?: number } = {},
): NumberAxis {
  return {
    type: 'value',
    name,
    nameLocation: 'middle',
    nameGap: isNarrow(style) ? 36 : 44,
    nameTextStyle: { color: style.muted },
    scale: true,
    axisLabel: { color: style.muted },
    axisLine: { show: false, onZero: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: style.line } },
    ...bounds,
  };
}

/** A series without data that carries the lines where stages begin. */
export function stageSeries({ marks }: TrainingAxis, style: ChartStyle): LineSeriesOption {
  return {
    id: 'stages',
    type: 'line',
    data: [],
    silent: true,
    markLine: {
      silent: true,
      symbol: 'none',
      animation: false,
      lineStyle: { color: style.muted, type: 'dotted', width: 1, opacity: 0.7 },
      data: marks.map(({ at, label, row }) => ({
        xAxis: at,
        label: {
          show: true,
          position: 'end',
          formatter: label,
          color: style.muted,
          fontSize: 11,
          distance: MARK_GAP + row * MARK_PIXELS,
        },
      })),
    },
  };
}
