/** Where a checkpoint stands along training: its place, the axis, and the marks where stages begin. */
import { highest, lowest } from '../core/statistics/min-max.ts';
import type { Stage } from '../formats/ladders/ladder.ts';
import type { LadderPoint } from '../formats/study/study-results.ts';
import type { XAXisComponentOption } from 'echarts';
import { type ChartStyle, isNarrow } from './chart-style.ts';
import { compact } from './numbers.ts';

type AxisKind = 'order' | 'steps' | 'tokens';
type AxisScale = 'linear' | 'log';

export interface AxisChoice {
  readonly axis: AxisKind;
  readonly scale: AxisScale; // of steps and tokens
}

export const STAGE_MARKS: Readonly<Record<Stage, string>> = {
  init: 'Init',
  pretraining: 'Pretraining',
  'mid-training': 'Mid',
  'long-context': 'Long',
  sft: 'SFT',
  dpo: 'DPO',
  instruct: 'Instruct',
};

interface StageMark {
  readonly at: number; // on the axis: the first checkpoint of the stage
  readonly label: string;
  readonly row: number; // from the plot upwards, so that labels do not lie on each other
}

export interface TrainingAxis {
  readonly name: string; // with its unit
  readonly places: readonly (number | null)[]; // by point; null: the point has no place on this axis
  readonly marks: readonly StageMark[];
  readonly option: XAXisComponentOption;
}

/** How far left of the first power the zero of a log axis stands, in powers of ten. */
const ZERO_APART = 0.7;
const LABELS = 10; // at most, on an axis of checkpoints in order
const LABEL_PIXELS = 7; // a character of a mark's label

export function trainingAxis(points: readonly LadderPoint[], choice: AxisChoice, style: ChartStyle): TrainingAxis {
  const amounts = choice.axis === 'order' ? points.map((_, index) => index) : amountsOf(points, choice.axis);
  const isLog = choice.axis !== 'order' && choice.scale === 'log';
  const smallest = lowest(amounts.flatMap((amount) => (amount !== null && amount > 0 ? [amount] : [])));
  const zero = smallest === Infinity ? 0 : Math.log10(smallest) - ZERO_APART;
  const places = amounts.map((amount) =>
    amount === null || !isLog ? amount : amount === 0 ? zero : Math.log10(amount),
  );
  const name = nameOf(choice, isLog && amounts.includes(0), style);
  const placed = places.filter((place) => place !== null);
  const [low, high] = [lowest(placed), highest(placed)];
  const margin = placed.length === 0 ? 0 : Math.max((high - low) * 0.02, 1e-9);
  const ticks = isLog ? logTicks(low, high, amounts.includes(0) ? zero : null) : orderTicks(points, style);
  const custom = choice.axis === 'order' || isLog;
  return {
    name,
    places,
    marks: stageMarks(points, places, low, high, style),
    option: {
      type: 'value',
      name,
      nameLocation: 'middle',
      nameGap: 30,
      nameTextStyle: { color: style.muted },
      min: placed.length === 0 ? 0 : low - margin,
      max: placed.length === 0 ? 1 : high + margin,
      splitLine: { show: false },
      axisLine: { show: true, onZero: false, lineStyle: { color: style.muted } },
      axisTick: { show: true, ...(custom ? { customValues: [...ticks.keys()] } : {}) },
      axisLabel: {
        color: style.muted,
        hideOverlap: true,
        ...(custom ? { customValues: [...ticks.keys()] } : { showMinLabel: false, showMaxLabel: false }),
        formatter: (value: number) => (custom ? (ticks.get(value) ?? '') : compact(value)),
      },
    },
  };
}

function nameOf({ axis, scale }: AxisChoice, zeroApart: boolean, style: ChartStyle): string {
  if (axis === 'order')
    return `checkpoint${isNarrow(style) ? '' : ' in training order'} (labels: step within the stage)`;
  const unit = axis === 'steps' ? 'training steps, all stages' : 'tokens seen';
  return scale === 'log' ? `${unit} (log scale${zeroApart ? '; 0 set apart' : ''})` : unit;
}

/** Steps count from the beginning of their stage in a checkpoint's name, so those of finished stages are added. */
function amountsOf(points: readonly LadderPoint[], axis: 'steps' | 'tokens'): (number | null)[] {
  if (axis === 'tokens') return points.map(({ tokens }) => tokens);
  let before = 0;
  let stage: Stage | null = null;
  let reached = 0;
  return points.map((point) => {
    if (point.stage !== stage && !(stage === 'init' && point.stage === 'pretraining')) before += reached;
    if (point.stage !== stage) reached = 0;
    stage = point.stage;
    if (point.step === null) return null;
    reached = Math.max(reached, point.step);
    return before + point.step;
  });
}

/** What stands under a checkpoint in few letters. */
function shortLabel({ label, stage, step }: LadderPoint): string {
  if (stage === 'sft' || stage === 'dpo' || stage === 'instruct') return STAGE_MARKS[stage];
  return step === null ? label.slice(0, 12) : compact(step);
}

function orderTicks(points: readonly LadderPoint[], style: ChartStyle): Map<number, string> {
  const most = Math.max(3, Math.min(LABELS, Math.floor(style.width / 60)));
  const every = Math.max(1, Math.ceil(points.length / most));
  const shown = points.flatMap((point, index): [number, string][] =>
    index % every === 0 ? [[index, shortLabel(point)]] : [],
  );
  return new Map(shown);
}

function logTicks(low: number, high: number, zero: number | null): Map<number, string> {
  const ticks = new Map<number, string>(zero === null ? [] : [[zero, '0']]);
  const factors = high - low < 2.5 ? [1, 2, 5] : [1];
  for (let power = Math.floor(low); power <= high; power++) {
    for (const factor of factors) {
      const place = power + Math.log10(factor);
      if (place >= low + (zero === null ? 0 : ZERO_APART * 0.9) && place <= high)
        ticks.set(place, compact(factor * 10 ** power));
    }
  }
  return ticks;
}

function stageMarks(
  points: readonly LadderPoint[],
  places: readonly (number | null)[],
  low: number,
  high: number,
  style: ChartStyle,
): StageMark[] {
  const ends: number[] = []; // of each row's last label, in pixels
  return points.flatMap(({ stage }, index): StageMark[] => {
    const at = places[index] ?? null;
    const isFirst = points.findIndex((other) => other.stage === stage) === index;
    if (stage === null || at === null || !isFirst) return [];
    const label = STAGE_MARKS[stage];
    const centre = high === low ? 0 : ((at - low) / (high - low)) * (style.width - 80);
    const half = (label.length * LABEL_PIXELS) / 2;
    const free = ends.findIndex((end) => end < centre - half);
    const row = free < 0 ? ends.length : free;
    ends[row] = centre + half;
    return [{ at, label, row }];
  });
}

/** Rows of labels that the marks take. */
export const markRows = ({ marks }: TrainingAxis): number => Math.max(0, highest(marks.map(({ row }) => row + 1)));
