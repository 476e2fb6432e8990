/** The parts of ECharts that the lab draws with; everything else stays out of the build. */
import { BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import {
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TitleComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
} from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';

use([
  ...[BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart],
  ...[
    GridComponent,
    LegendComponent,
    MarkLineComponent,
    TitleComponent,
    TooltipComponent,
    VisualMapContinuousComponent,
  ],
  ...[CanvasRenderer, SVGRenderer],
]);

export { init };
export type { EChartsType as Chart };

/** Disposes a chart that may be in the midst of drawing over several frames, on which zrender 6.1 would go on and fail: emptied, it ends. */
export function dispose(chart: EChartsType): void {
  try {
    chart.clear();
    chart.getZr().flush();
  } catch {
    // One that could not be drawn cannot be emptied either.
  } finally {
    chart.dispose();
  }
}
