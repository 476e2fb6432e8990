import { expect, test } from 'vitest';
import {
  formatDay,
  formatDuration,
  formatBytes,
  formatCount,
  formatNumber,
  formatSigned,
  formatSpeed,
  progressText,
} from '../../../../src/state/page/number-format.ts';

test('bytes in powers of ten', () => {
  expect([999, 1500, 2_345_678, 14.6e9].map(formatBytes)).toEqual(['999 B', '2 kB', '2.3 MB', '14.60 GB']);
});

test('counts as checkpoints name them', () => {
  expect([0, 512, 7_600_000, 4.001e12].map(formatCount)).toEqual(['0', '512', '7.6M', '4.0T']);
});

test('speed with a decimal where a whole number would hide a half', () => {
  expect([5.72, 9.94, 187.4, 1570].map(formatSpeed)).toEqual(['5.7', '9.9', '187', '1,570']);
});

test('a true minus, and no sign on zero', () => {
  expect([1.2, -0.5, 0, -0.001].map((value) => formatSigned(value))).toEqual(['+1.20', '−0.50', '0.00', '0.00']);
  expect([-1.25, -0.001].map((value) => formatNumber(value, 1))).toEqual(['−1.3', '0.0']);
});

test('progress says what, how far and in what unit', () => {
  const bytes = { phase: 'download', done: 1.2e6, total: 2.4e6, unit: 'bytes', label: 'model.safetensors' } as const;
  expect(progressText(bytes)).toBe('Loading model.safetensors: 1.2 of 2.4 MB');
  const prompts = { phase: 'extract', done: 640, total: 3100, unit: 'prompts', label: 'tiny' } as const;
  expect(progressText(prompts)).toBe('Computing directions of tiny: 640 of 3,100 prompts');
});

test('durations in the units that matter', () => {
  expect([0, 59, 95, 3000, 5400].map(formatDuration)).toEqual(['0 s', '59 s', '1 min 35 s', '50 min', '1 h 30 min']);
});

test('days', () => {
  const noon = new Date(2026, 10, 25, 12).getTime();
  expect(formatDay(noon - 3_600_000, noon)).toBe('today');
  expect(formatDay(noon - 36 * 3_600_000, noon)).toBe('Nov 24, 2026');
});
