/** The details of one AUROC: the ROC curve and the scores of both classes. */
import type { BarSeriesOption, LineSeriesOption } from 'echarts';
import type { ProbeDetail } from '../../formats/study/study-results.ts';
import type { StudyPlan } from '../../formats/study/study-plan.ts';
import type { ChartStyle } from '../chart-style.ts';
import type { Datum, Figure } from '../figure.ts';
import { frame, valueAxis } from '../frame.ts';
import { exact } from '../numbers.ts';
import { roundTicks } from '../round-ticks.ts';
import { tooltip } from '../tooltip.ts';

export type { ProbeDetail };

const HEIGHT = 300; // CSS pixels
const MOST_TICKS = 8; // below the scores

export function rocCurve({ roc }: ProbeDetail, style: ChartStyle): Figure {
  const title = 'ROC curve';
  const data = roc.fpr.map((fpr, index): Datum => {
    const tpr = roc.tpr[index] ?? null;
    const text = tpr === null ? 'not measured' : `TPR ${exact(tpr)}`;
    return { value: [fpr, tpr], head: `FPR ${exact(fpr)}`, text, target: null };
  });
  const line: LineSeriesOption = {
    ...{ id: 'roc', type: 'line', step: 'end', symbolSize: 3, showSymbol: data.length < 60 },
    data: data as unknown as NonNullable<LineSeriesOption['data']>,
    itemStyle: { color: style.accent },
    lineStyle: { color: style.accent, width: 2 },
  };
  const chance: LineSeriesOption = {
    ...{
      id: 'chance',
      type: 'line',
      silent: true,
      showSymbol: false,
      data: [
        [0, 0],
        [1, 1],
      ],
      tooltip: { show: false },
    },
    lineStyle: { color: style.muted, width: 1, type: 'dashed' },
  };
  return {
    id: 'roc',
    title,
    note: 'Dashed: chance.',
    height: HEIGHT,
    option: {
      ...frame({ title, legend: [], axis: null }, style),
      tooltip: tooltip('axis', style),
      xAxis: { ...valueAxis('false positive rate', style, { min: 0, max: 1 }), nameGap: 30 },
      yAxis: valueAxis('true positive rate', style, { min: 0, max: 1 }),
      series: [line, chance],
    },
    table: {
      columns: ['false positive rate', 'true positive rate'],
      rows: roc.fpr.map((fpr, index) => ({ cells: [fpr, roc.tpr[index] ?? null], target: null })),
    },
  };
}

/** Both classes over one another, with the threshold of the training set. */
export function scoreHistogram(detail: ProbeDetail, concept: StudyPlan['concept'], style: ChartStyle): Figure {
  const { edges, positive, negative } = detail.histogram;
  const title = 'Scores';
  const bins = positive.map((_, bin) => `${exact(edges[bin] ?? NaN)} to ${exact(edges[bin + 1] ?? NaN)}`);
  const [, , high] = style.diverging;
  const bars = (id: string, counts: readonly number[], color: string): BarSeriesOption => ({
    ...{ id, name: id, type: 'bar', barWidth: '96%', barGap: '-100%', itemStyle: { color, opacity: 0.6 } },
    data: counts.map((count, bin): Datum => ({
      ...{ value: [bin + 0.5, count], head: `score ${bins[bin] ?? ''}`, text: `${count} prompts`, target: null },
    })) as unknown as NonNullable<BarSeriesOption['data']>,
  });
  const place = placeIn(edges, detail.threshold);
  const ticks = roundTicks(edges[0] ?? NaN, edges.at(-1) ?? NaN, MOST_TICKS).flatMap(({ value, text }) => {
    const at = placeIn(edges, value);
    return at === null ? [] : [{ at, text }];
  });
  const threshold: LineSeriesOption = {
    ...{ id: 'threshold', type: 'line', data: [], silent: true },
    markLine: {
      ...{ silent: true, symbol: 'none', lineStyle: { color: style.ink, type: 'dashed' } },
      label: { formatter: `threshold ${exact(detail.threshold)}`, color: style.ink, position: 'end', fontSize: 11 },
      data: place === null ? [] : [{ xAxis: place }],
    },
  };
  const probe = detail.probe === 'projection' ? 'a·d/‖d‖ (residual stream)' : 'probe score';
  const base = frame({ title, legend: [concept.positive, concept.negative], axis: null }, style);
  return {
    id: 'scores',
    title,
    note: `The threshold comes from the training set${place === null ? `, ${exact(detail.threshold)}, which is outside this range` : ''}.`,
    height: HEIGHT,
    option: {
      ...base,
      grid: { ...base.grid, top: 26 + (style.titled ? 30 : 0) },
      tooltip: tooltip('item', style),
      xAxis: {
        ...valueAxis(probe, style, { min: 0, max: positive.length }),
        nameGap: 30,
        axisLabel: {
          color: style.muted,
          hideOverlap: true,
          customValues: ticks.map(({ at }) => at),
          formatter: (at: number) => ticks.find((tick) => Math.abs(tick.at - at) < 1e-6)?.text ?? '',
        },
        splitLine: { show: false },
      },
      yAxis: { ...valueAxis('prompts', style, { min: 0 }), minInterval: 1 },
      series: [bars(concept.positive, positive, high), bars(concept.negative, negative, style.muted), threshold],
    },
    table: {
      columns: ['score from', 'to', `${concept.positive} prompts`, `${concept.negative} prompts`],
      rows: positive.map((count, bin) => ({
        cells: [edges[bin] ?? null, edges[bin + 1] ?? null, count, negative[bin] ?? null],
        target: null,
      })),
    },
  };
}

/** Where a score lies among bins that are drawn one unit wide each; null: outside them. */
function placeIn(edges: readonly number[], score: number): number | null {
  const bin = edges.findIndex((edge, index) => score >= edge && score <= (edges[index + 1] ?? -Infinity));
  if (bin < 0) return null;
  const [low = 0, high = 0] = [edges[bin], edges[bin + 1]];
  return bin + (high === low ? 0 : (score - low) / (high - low));
}
