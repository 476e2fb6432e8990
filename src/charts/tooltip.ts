/** Tooltips of every figure. What they say may come from a file, so it is always text and never markup. */
import type { TooltipComponentOption } from 'echarts';
import type { ChartStyle } from './chart-style.ts';
import { isMeasured } from './figure.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML that shows it. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (found) => ENTITIES[found] as string);

interface Hovered {
  readonly data?: unknown;
  readonly seriesName?: string;
  readonly color?: unknown;
}

/** `axis`: all lines at one place; `item`: the one thing under the pointer. */
export function tooltip(trigger: 'axis' | 'item', style: ChartStyle): TooltipComponentOption {
  return {
    trigger,
    confine: true,
    transitionDuration: 0,
    backgroundColor: style.raised,
    borderColor: style.line,
    textStyle: { color: style.ink, fontSize: 12, fontFamily: style.font },
    axisPointer: { type: 'line', snap: true, lineStyle: { color: style.muted, width: 1 } },
    formatter: (params: unknown) => tooltipHtml(Array.isArray(params) ? (params as Hovered[]) : [params as Hovered]),
  };
}

export function tooltipHtml(hovered: readonly Hovered[]): string {
  const rows = hovered.flatMap(({ data, seriesName = '', color }) =>
    isMeasured(data) ? [{ data, seriesName, color }] : [],
  );
  if (rows.length === 0) return '';
  const head = `<strong>${escapeHtml(rows[0]?.data.head ?? '')}</strong>`;
  const lines = rows.map(({ data, seriesName, color }) => {
    const dot = typeof color === 'string' ? `<span style="color:${escapeHtml(color)}">●</span> ` : '';
    return `${dot}${escapeHtml(seriesName === '' ? data.text : `${seriesName}: ${data.text}`)}`;
  });
  return [head, ...lines].join('<br>');
}
