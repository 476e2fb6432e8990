import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MEASURED_ON_WASM, measuredSoFar } from '../../../../src/state/models/measured-speed.ts';

const BENCHMARKS = readFileSync(join(import.meta.dirname, '../../../../docs/benchmarks.md'), 'utf8');
const adapter = {
  vendor: 'v',
  architecture: 'a',
  description: 'v a',
  shaderF16: true,
  maxBufferBytes: 1e9,
};

describe('what the page says was measured', () => {
  it('is what docs/benchmarks.md prints below the command', () => {
    const { command, prefill, decode } = MEASURED_ON_WASM;
    const [, after = ''] = BENCHMARKS.split(`\`${command}\``);
    const [section = ''] = after.split('\n## ');
    const row = (name: string): string => section.split('\n').find((line) => line.startsWith(`| ${name} |`)) ?? '';
    expect(row('prefill, one row').split(' | ')[1]).toBe(prefill.toFixed(2));
    expect(row('decode, one row').split(' | ')[1]).toBe(decode.toFixed(2));
  });

  it('claims nothing of a GPU, and calls a software adapter none', () => {
    expect(measuredSoFar({ webgpu: null })).toMatch(/Not measured on a GPU yet\.$/);
    expect(measuredSoFar({ webgpu: { ...adapter, software: true } })).toMatch(/Not measured on a GPU yet\.$/);
    expect(measuredSoFar({ webgpu: { ...adapter, software: false } })).toMatch(/on this or any other GPU yet\.$/);
  });
});
