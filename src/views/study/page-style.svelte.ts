/** The theme's colours as figures take them: resolved, and mixed where a scale needs steps between two. */
import { MediaQuery } from 'svelte/reactivity';
import { HARM_CATEGORIES } from '../../core/categories.ts';
import type { ChartStyle } from '../../charts/chart-style.ts';
import { theme } from '../../state/page/theme.svelte.ts';

type ThemeStyle = Omit<ChartStyle, 'width' | 'titled'>;

const CLASSES = ['general', ...HARM_CATEGORIES, 'safe'] as const;

/** Reads the colours again whenever the theme changes, be it here or in the system. */
export class PageStyle {
  readonly #isDark = new MediaQuery('prefers-color-scheme: dark');
  readonly #isStill = new MediaQuery('prefers-reduced-motion: reduce');

  #read: { readonly key: string; readonly style: ThemeStyle } | null = null;

  readonly current = $derived.by((): ThemeStyle => {
    const key = `${theme.choice} ${this.#isDark.current} ${this.#isStill.current}`;
    if (this.#read?.key !== key) {
      this.#read = { key, style: readStyle(document.documentElement, this.#isStill.current) };
    }
    return this.#read.style;
  });
}

/** The colours as they are at an element, which may have a theme of its own. */
export function readStyle(root: HTMLElement, still: boolean): ThemeStyle {
  const probe = document.createElement('span');
  probe.hidden = true;
  root.append(probe);
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const [surface, ink, accent] = [colour('surface'), colour('ink'), colour('accent')];
  const style: ThemeStyle = {
    ink,
    surface,
    accent,
    muted: colour('muted'),
    line: colour('line'),
    raised: colour('raised'),
    sunken: mix(surface, ink, 0.2),
    diverging: [colour('scale-safe'), mix(surface, ink, 0.03), colour('scale-harmful')],
    sequential: [
      mix(surface, accent, 0.04),
      mix(surface, accent, 0.35),
      mix(surface, accent, 0.7),
      mix(accent, ink, 0.15),
    ],
    classes: Object.fromEntries(CLASSES.map((name) => [name, colour(`category-${name}`)])),
    font: getComputedStyle(document.body).fontFamily,
    still,
  };
  probe.remove();
  return style;
}

/** `share` of the other colour; both as `rgb(r, g, b)`. */
function mix(one: string, other: string, share: number): string {
  const parts = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  const others = parts(other);
  const mixed = parts(one).map((part, index) => Math.round(part + ((others[index] ?? part) - part) * share));
  return `rgb(${mixed.join(', ')})`;
}
