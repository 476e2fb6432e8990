import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

type Rgb = readonly [number, number, number];

const css = readFileSync(join(import.meta.dirname, '../../../../src/styles/theme.css'), 'utf8');
const THEMES = ['light', 'dark'] as const;
const TEXT = 4.5; // WCAG 2.2, 1.4.3
const GRAPHICS = 3; // WCAG 2.2, 1.4.11

function colour(name: string, theme: (typeof THEMES)[number]): Rgb {
  const pair = new RegExp(`--${name}: light-dark\\(#(\\w{6}), #(\\w{6})\\)`).exec(css);
  const hex = pair?.[theme === 'light' ? 1 : 2];
  if (hex === undefined) throw new Error(`theme.css has no --${name}`);
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)) as unknown as Rgb;
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((byte) => {
    const share = byte / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: Rgb, other: Rgb): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function over(top: Rgb, alpha: number, ground: Rgb): Rgb {
  return top.map((byte, at) => byte * alpha + (ground[at] ?? 0) * (1 - alpha)) as unknown as Rgb;
}

const categories = [...css.matchAll(/--(category-\w+):/g)].map(([, name = '']) => name);

describe.each(THEMES)('the %s theme', (theme) => {
  test('text is readable on every ground', () => {
    for (const ground of ['ground', 'surface', 'sunken', 'raised']) {
      for (const text of ['ink', 'muted']) {
        expect(contrast(colour(text, theme), colour(ground, theme)), `${text} on ${ground}`).toBeGreaterThan(TEXT);
      }
    }
    expect(contrast(colour('on-accent', theme), colour('accent', theme))).toBeGreaterThan(TEXT);
    expect(contrast(colour('accent', theme), colour('accent-soft', theme))).toBeGreaterThan(TEXT);
    expect(contrast(colour('danger', theme), colour('danger-soft', theme))).toBeGreaterThan(TEXT);
  });

  test('text is readable on the strongest tint of either side', () => {
    const most = Number(/--tint-most: (\d+)%/.exec(css)?.[1]) / 100;
    for (const side of ['scale-safe', 'scale-harmful']) {
      const ground = over(colour(side, theme), most, colour('surface', theme));
      expect(contrast(colour('ink', theme), ground), side).toBeGreaterThan(TEXT);
    }
  });

  test('controls and categories stand out from the surface', () => {
    expect(categories).toHaveLength(9);
    for (const name of [...categories, 'line-strong', 'accent', 'scale-safe', 'scale-harmful']) {
      expect(contrast(colour(name, theme), colour('surface', theme)), name).toBeGreaterThanOrEqual(GRAPHICS);
    }
  });
});
