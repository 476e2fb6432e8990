/** Classes as tracks through a plane while training goes on, up to a chosen checkpoint. */
import { distinct } from '../../core/text/distinct-names.ts';
import { highest, lowest } from '../../core/statistics/min-max.ts';
import type { EffectScatterSeriesOption, LineSeriesOption, ScatterSeriesOption } from 'echarts';
import { shownText } from '../../core/text/visible-text.ts';
import type { StudyResults } from '../../formats/study/study-results.ts';
import { type ChartStyle, classLabel, colourOf, symbolOf } from '../chart-style.ts';
import type { Datum, Figure, FigureRow } from '../figure.ts';
import { frame, legendRows, valueAxis } from '../frame.ts';
import { exact } from '../numbers.ts';
import { pointAt, pointText } from '../results-index.ts';
import { tooltip } from '../tooltip.ts';

interface Track {
  readonly name: string; // of the class
  readonly places: readonly (readonly [x: number, y: number] | null)[]; // by checkpoint that is done
}

interface TracksSpec {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly x: string;
  readonly y: string;
  readonly tracks: readonly Track[];
  readonly checkpoint: number; // index into those that are done
  readonly whole: boolean; // what comes after the chosen checkpoint is drawn as well, fainter
}

const PLOT_PIXELS = 360;

/** Harm score against deviation from the general line: the negative centroid is the origin. */
export function scoreAndDeviation(results: StudyResults, checkpoint: number, style: ChartStyle): Figure {
  const tracks = ['negative', ...results.names].map((name): Track => ({
    name,
    places: results.checkpoints.map(({ classes }) => {
      const found = classes.find((entry) => entry.name === name);
      return found === undefined ? null : [found.score, found.deviation];
    }),
  }));
  const { concept } = results.plan;
  const [negative, positive] = [shownText(concept.negative, 40), shownText(concept.positive, 40)];
  return tracksFigure(
    {
      id: 'score-deviation',
      title: `Along and off the general direction, at ${pointAt(results, checkpoint).label}`,
      note: `Centroids relative to the ${negative} centroid, at the origin. Large marks: this checkpoint; small marks: the others.`,
      x: `${positive} score (residual stream)`,
      y: 'deviation: distance from its line (residual stream)',
      tracks,
      checkpoint,
      whole: true,
    },
    results,
    style,
  );
}

/** PCA of all centroids at all checkpoints; the plane stays the same while training goes on. */
export function centroidMap(results: StudyResults, checkpoint: number, style: ChartStyle): Figure {
  const pca = results.ladder?.pca ?? null;
  const share = (component: number): string => {
    const explained = pca?.explained[component];
    return explained === undefined ? '' : ` (${(100 * explained).toFixed(1)} % of the variance)`;
  };
  return tracksFigure(
    {
      id: 'centroid-pca',
      title: `Centroids up to ${pointAt(results, checkpoint).label}`,
      note: 'PCA of all centroids at all checkpoints. The large mark is this checkpoint; the line shows the path to it.',
      x: `component 1${share(0)}`,
      y: `component 2${share(1)}`,
      tracks: (pca?.tracks ?? []).map(({ name, coordinates }): Track => ({
        name,
        places: coordinates.map(([x, y]) => (x === undefined || y === undefined ? null : [x, y])),
      })),
      checkpoint,
      whole: false,
    },
    results,
    style,
  );
}

function tracksFigure(spec: TracksSpec, results: StudyResults, style: ChartStyle): Figure {
  const { id, title, note, x, y, tracks } = spec;
  const legend = distinct(tracks.map(({ name }) => classLabel(name, results.plan.concept.negative)));
  const labels = new Map(tracks.map(({ name }, place) => [name, legend[place] ?? name]));
  const label = (name: string): string => labels.get(name) ?? name;
  const places = tracks.flatMap((track) => track.places.filter((place) => place !== null));
  const bounds = (axis: 0 | 1): { min: number; max: number } => {
    const values = places.map((place) => place[axis]);
    const [low, high] = [lowest(values), highest(values)];
    const margin = (high - low || 1) * 0.06;
    return values.length === 0 ? { min: 0, max: 1 } : { min: low - margin, max: high + margin };
  };
  const rounded = {
    axisLabel: {
      color: style.muted,
      showMinLabel: false,
      showMaxLabel: false,
      formatter: (value: number) => exactTick(value),
    },
  };
  return {
    id,
    title,
    note,
    height: PLOT_PIXELS + 62 + 21 * legendRows(legend, style),
    option: {
      ...frame({ title, legend, axis: null }, style),
      ...(style.still
        ? {}
        : {
            animation: true,
            animationDuration: 0,
            animationDurationUpdate: 350,
            animationEasingUpdate: 'linear' as const,
          }),
      tooltip: tooltip('item', style),
      xAxis: {
        ...valueAxis(x, style, bounds(0)),
        ...rounded,
        nameGap: 30,
        axisLine: { show: true, onZero: false, lineStyle: { color: style.muted } },
      },
      yAxis: { ...valueAxis(y, style, bounds(1)), ...rounded },
      series: tracks.flatMap((track, index) =>
        trackSeries(track, index, { ...spec, name: label(track.name) }, results, style),
      ),
    },
    table: { columns: ['checkpoint', 'class', x, y], rows: tableRows(spec, results, label) },
  };
}

const exactTick = (value: number): string => String(Number(value.toPrecision(3))).replace('-', '−');

function trackSeries(
  track: Track,
  index: number,
  { checkpoint, whole, name }: TracksSpec & { readonly name: string },
  results: StudyResults,
  style: ChartStyle,
): (LineSeriesOption | ScatterSeriesOption | EffectScatterSeriesOption)[] {
  const color = colourOf(track.name, results.names, style);
  const data = track.places.map((place, at): Datum => ({
    value: place ?? [null, null],
    head: pointText(pointAt(results, at)),
    text: place === null ? 'not measured' : `${exact(place[0])}, ${exact(place[1])}`,
    target: null,
  }));
  const shown = whole ? data : data.slice(0, checkpoint + 1);
  const now = data[checkpoint];
  return [
    {
      id: `${track.name} track`,
      name,
      type: 'line',
      data: shown as unknown as NonNullable<LineSeriesOption['data']>,
      connectNulls: false,
      animation: false, // a track grows by a point; only the mark moves
      symbol: 'circle',
      symbolSize: 3.5,
      showSymbol: true,
      itemStyle: { color, opacity: 0.55 },
      lineStyle: { color, width: 1, opacity: 0.45 },
      emphasis: { disabled: true },
    },
    {
      id: `${track.name} now`,
      name,
      type: 'scatter',
      data: (now === undefined ? [] : [now]) as unknown as NonNullable<ScatterSeriesOption['data']>,
      symbol: symbolOf(index),
      symbolSize: 13,
      z: 4,
      itemStyle: { color, borderColor: style.surface, borderWidth: 1 },
    },
  ];
}

function tableRows({ tracks }: TracksSpec, results: StudyResults, label: (name: string) => string): FigureRow[] {
  return tracks.flatMap(({ name, places }) =>
    places.flatMap((place, at): FigureRow[] =>
      place === null ? [] : [{ cells: [pointAt(results, at).label, label(name), ...place], target: null }],
    ),
  );
}
