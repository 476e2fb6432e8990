/** Figures on paper: a canvas prints as the bitmap that it is just then, blank while it follows the width of the sheet. */
import type { Attachment } from 'svelte/attachments';
import type { Figure } from './figure.ts';
import { dispose, init, type Chart } from './registered.ts';

/** Of a figure on a sheet of A4 or Letter, in CSS pixels; the drawing follows the sheet where that is narrower. */
export const SHEET_WIDTH = 680;

/** Draws the figure as SVG into the element for as long as the page is being printed. */
export function printedChart(figure: () => Figure, onfail: (error: unknown) => void): Attachment<HTMLElement> {
  return (element) => {
    let chart: Chart | null = null;
    const draw = (): void => {
      if (chart !== null) return;
      try {
        const { option, height } = figure();
        if (option === null) return;
        chart = init(element, null, { renderer: 'svg', width: SHEET_WIDTH, height });
        chart.setOption({ ...option, animation: false, tooltip: { show: false } });
        chart.getZr().flush(); // now, and not with a frame that comes after the page was printed
        fitSheet(element, height);
      } catch (error) {
        onfail(error);
      }
    };
    const clear = (): void => {
      if (chart !== null) dispose(chart);
      chart = null;
      element.replaceChildren();
    };
    const media = matchMedia('print'); // some browsers change it without the events below
    const onchange = ({ matches }: MediaQueryListEvent): void => (matches ? draw() : clear());
    media.addEventListener('change', onchange);
    window.addEventListener('beforeprint', draw);
    window.addEventListener('afterprint', clear);
    return () => {
      media.removeEventListener('change', onchange);
      window.removeEventListener('beforeprint', draw);
      window.removeEventListener('afterprint', clear);
      clear();
    };
  };
}

/** ECharts gives its element and what is in it the width in pixels. */
function fitSheet(element: HTMLElement, height: number): void {
  const svg = element.querySelector('svg');
  if (svg === null) return;
  svg.setAttribute('viewBox', `0 0 ${SHEET_WIDTH} ${height}`);
  svg.removeAttribute('width');
  svg.removeAttribute('height');
  svg.style.cssText = 'display: block; width: 100%; height: auto; position: static';
  for (let around = svg.parentElement; around !== null && around !== element; around = around.parentElement) {
    around.style.cssText = 'position: static';
  }
}
