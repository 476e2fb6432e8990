import type { ChartStyle } from '../../src/charts/chart-style.ts';

/** A theme for tests: every colour another one. */
export const STYLE: ChartStyle = {
  ink: 'rgb(0, 0, 0)',
  muted: 'rgb(90, 90, 90)',
  line: 'rgb(220, 220, 220)',
  surface: 'rgb(255, 255, 255)',
  sunken: 'rgb(200, 200, 200)',
  raised: 'rgb(254, 254, 254)',
  accent: 'rgb(70, 60, 180)',
  diverging: ['rgb(40, 120, 190)', 'rgb(250, 250, 250)', 'rgb(220, 110, 20)'],
  sequential: ['rgb(250, 250, 255)', 'rgb(70, 60, 180)'],
  classes: {
    general: 'rgb(1, 1, 1)',
    violence: 'rgb(180, 80, 140)',
    hate_speech: 'rgb(150, 140, 0)',
    safe: 'rgb(130, 130, 130)',
  },
  font: '"Segoe UI", sans-serif',
  width: 600,
  still: false,
  titled: false,
};
