/** The one place where ECharts meets the page. */
import type { Attachment } from 'svelte/attachments';
import { type Datum, isMeasured, type Figure, type Target } from './figure.ts';
import { dispose, init } from './registered.ts';

export interface ChartHandlers {
  readonly onpick: (target: Target) => void;
  /** What the keyboard stands on, for a screen reader. */
  readonly onspeak: (text: string) => void;
  /** What failed where no boundary of the page hears of it: at a key, a press or a change of size. */
  readonly onfail: (error: unknown) => void;
}

/** Everything that a new option replaces; the zoom and the legend's choices stay. */
const REPLACED = ['series', 'xAxis', 'yAxis', 'visualMap', 'grid', 'title'];

/** How far outside the window a chart still follows its figure, so that it is there when it is scrolled to: as far as a page key goes. */
const NEAR = '100%';

/**
 * Creates a chart once, follows the figure and the size of its element, and disposes it. Once drawn, it follows only while it is near
 * the window: a page of charts that fills as a study runs would draw all day what nobody sees. Until it is near again nothing is seen
 * of it, so that no older numbers are. Arrow keys walk through what is measured, Enter picks.
 */
export function mountChart(figure: () => Figure, { onpick, onspeak, onfail }: ChartHandlers): Attachment<HTMLElement> {
  return (element) => {
    const chart = init(element, null, { renderer: 'canvas' });
    const guarded =
      <Args extends unknown[]>(job: (...args: Args) => void) =>
      (...args: Args): void => {
        try {
          job(...args);
        } catch (error) {
          onfail(error);
        }
      };
    const resizing = new ResizeObserver(guarded(() => chart.resize()));
    resizing.observe(element);
    let walk: Walk | null = null;
    element.tabIndex = 0;
    let isNear = $state(true); // until the observer knows
    const watching = new IntersectionObserver((changes) => (isNear = changes.at(-1)?.isIntersecting ?? isNear), {
      rootMargin: NEAR,
    });
    watching.observe(element);
    let drawn: Figure | null = null; // the first drawing gives the element its height

    $effect(() => {
      const newest = figure();
      const waits = drawn !== null && drawn !== newest && !isNear;
      element.style.opacity = waits ? '0' : ''; // it can still be focused, and is scrolled to then
      if (waits || drawn === newest) return;
      drawn = newest;
      const { option, height } = newest;
      element.style.height = `${height}px`;
      if (option === null) return;
      if (chart.getHeight() !== height) chart.resize();
      chart.setOption(option, { replaceMerge: REPLACED });
      walk = null;
    });

    const pick = (data: unknown): void => {
      if (isMeasured(data) && data.target !== null) onpick(data.target);
    };
    chart.on('click', ({ data }) => pick(data));

    const onkeydown = guarded((event: KeyboardEvent): void => {
      walk ??= new Walk(figure());
      if (event.key === 'Enter') pick(walk.here);
      else if (!walk.step(event.key)) return;
      event.preventDefault();
      if (walk.here === null) return;
      chart.dispatchAction({ type: 'showTip', ...walk.place });
      onspeak(`${walk.series} ${walk.here.head}, ${walk.here.text}`);
    });
    const onblur = guarded((): void => chart.dispatchAction({ type: 'hideTip' }));
    element.addEventListener('keydown', onkeydown);
    element.addEventListener('blur', onblur);

    return () => {
      element.removeEventListener('keydown', onkeydown);
      element.removeEventListener('blur', onblur);
      watching.disconnect();
      resizing.disconnect();
      dispose(chart);
    };
  };
}

interface WalkedSeries {
  readonly name: string;
  readonly seriesIndex: number;
  readonly stops: readonly { readonly dataIndex: number; readonly datum: Datum }[];
}

/** Where the keyboard is in a figure: along a series with left and right, from series to series with up and down. */
class Walk {
  readonly #series: readonly WalkedSeries[];
  #at = 0;
  #stop = -1;

  constructor({ option }: Figure) {
    const series = [option?.series ?? []].flat() as readonly { readonly name?: unknown; readonly data?: unknown }[];
    this.#series = series.flatMap(({ name, data }, seriesIndex): WalkedSeries[] => {
      const stops = (Array.isArray(data) ? data : []).flatMap((datum: unknown, dataIndex) =>
        isMeasured(datum) ? [{ dataIndex, datum }] : [],
      );
      return stops.length === 0 ? [] : [{ name: typeof name === 'string' ? name : '', seriesIndex, stops }];
    });
  }

  get series(): string {
    return this.#series[this.#at]?.name ?? '';
  }
  get here(): Datum | null {
    return this.#series[this.#at]?.stops[this.#stop]?.datum ?? null;
  }
  get place(): { readonly seriesIndex: number; readonly dataIndex: number } {
    const series = this.#series[this.#at];
    return { seriesIndex: series?.seriesIndex ?? 0, dataIndex: series?.stops[this.#stop]?.dataIndex ?? 0 };
  }

  /** False: a key that does not walk. */
  step(key: string): boolean {
    const along = { ArrowLeft: -1, ArrowRight: 1 }[key];
    const across = { ArrowUp: -1, ArrowDown: 1 }[key];
    if (along === undefined && across === undefined) return false;
    this.#at = Math.min(this.#series.length - 1, Math.max(0, this.#at + (across ?? 0)));
    const last = (this.#series[this.#at]?.stops.length ?? 0) - 1;
    this.#stop = Math.min(last, Math.max(0, this.#stop + (along ?? 0)));
    return true;
  }
}
