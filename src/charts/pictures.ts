/** A figure as a picture that leaves the page. */
import type { Figure } from './figure.ts';
import { dispose, init } from './registered.ts';

const PIXEL_RATIO = 2; // sharp on paper

/** SVG as text; it holds no script and loads nothing. `width` in CSS pixels. */
export function figureSvg({ option, height }: Figure, width: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ ...option, tooltip: { show: false } });
    return chart.renderToSVGString();
  } finally {
    dispose(chart);
  }
}

/** PNG on the given ground. */
export async function figurePng({ option, height }: Figure, width: number, ground: string): Promise<Blob> {
  const place = document.createElement('div');
  const chart = init(place, null, { renderer: 'canvas', width, height });
  try {
    chart.setOption({ ...option, animation: false, tooltip: { show: false } });
    const canvas = chart.renderToCanvas({ pixelRatio: PIXEL_RATIO, backgroundColor: ground });
    return await new Promise((resolve, reject) => {
      canvas.toBlob(
        (blob) => (blob === null ? reject(new Error('The browser could not create the PNG.')) : resolve(blob)),
        'image/png',
      );
    });
  } finally {
    dispose(chart);
  }
}

/** For an <img>, where nothing in it can run. */
export const svgAddress = (svg: string): string => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
