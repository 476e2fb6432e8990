/** Intervals as a band between neighbours that were both measured, and as a bar at one that stands alone. */
import type { CustomSeriesOption } from 'echarts';
import type { Interval } from '../formats/study/study-results.ts';

export interface BandPoint {
  readonly place: number;
  readonly interval: Interval;
}

/** `points`: by checkpoint; null: not measured. */
export function intervalBand(
  id: string,
  name: string,
  colour: string,
  points: readonly (BandPoint | null)[],
): CustomSeriesOption {
  return {
    id,
    name,
    type: 'custom',
    silent: true,
    z: 1,
    color: colour,
    tooltip: { show: false },
    encode: { x: 0, y: [1, 2] },
    data: points.map((point) =>
      point === null ? [null, null, null] : [point.place, point.interval.low, point.interval.high],
    ),
    renderItem: ({ dataIndex }, api) => {
      const [here, next, before] = [points[dataIndex], points[dataIndex + 1], points[dataIndex - 1]];
      if (!here) return null;
      const at = ({ place, interval: { low, high } }: BandPoint): [number[], number[]] => [
        api.coord([place, low]),
        api.coord([place, high]),
      ];
      const [low, high] = at(here);
      if (next) {
        const [nextLow, nextHigh] = at(next);
        return {
          type: 'polygon',
          shape: { points: [low, nextLow, nextHigh, high] },
          style: { fill: colour, opacity: 0.14 },
        };
      }
      if (before) return null; // drawn with it
      const [x = 0, y1 = 0] = low;
      return {
        type: 'line',
        shape: { x1: x, y1, x2: x, y2: high[1] ?? y1 },
        style: { stroke: colour, opacity: 0.5, lineWidth: 3 },
      };
    },
  };
}
