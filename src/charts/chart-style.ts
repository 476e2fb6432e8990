/** What the page's theme and width hand to a figure. */
import { directionLabel } from '../core/categories.ts';
import { shownText } from '../core/text/visible-text.ts';

export interface ChartStyle {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly surface: string;
  readonly sunken: string; // under what was not measured
  readonly raised: string;
  readonly accent: string;
  readonly diverging: readonly [low: string, neutral: string, high: string];
  readonly sequential: readonly string[]; // from low to high
  readonly classes: Readonly<Record<string, string>>; // by category's key, `general` and `safe` among them
  readonly font: string;
  readonly width: number; // CSS pixels that the figure has
  readonly still: boolean; // the visitor asked for less motion
  readonly titled: boolean; // the title is drawn: for pictures that leave the page
}

/** Below this a figure has a phone's width. */
const NARROW = 520; // CSS pixels

export const isNarrow = ({ width }: ChartStyle): boolean => width < NARROW;

/** One colour per category in the whole lab; a concept of the user's own takes the eight in turn. */
export function colourOf(name: string, names: readonly string[], style: ChartStyle): string {
  const key = name === 'negative' ? 'safe' : name;
  const known = Object.hasOwn(style.classes, key) && name !== 'safe' ? style.classes[key] : undefined; // a category of that name is no safe one
  if (known !== undefined) return known;
  const palette = Object.entries(style.classes).flatMap(([key, colour]) => (key === 'safe' ? [] : [colour]));
  return palette[Math.max(0, names.indexOf(name)) % palette.length] ?? style.ink;
}

const LONGEST_LABEL = 200; // characters

export const labelOf = (name: string): string => shownText(directionLabel(name), LONGEST_LABEL);

/** The same of a class, whose negative one is called what the plan calls it. */
export function classLabel(name: string, negative: string): string {
  if (name !== 'negative') return labelOf(name);
  const shown = shownText(negative, LONGEST_LABEL);
  return shown.charAt(0).toUpperCase() + shown.slice(1);
}

const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'emptyCircle', 'emptyRect', 'emptyTriangle', 'emptyDiamond'];

/** A second mark beside the colour, for readers who see no difference between two. */
export const symbolOf = (index: number): string => SYMBOLS[index % SYMBOLS.length] as string;
