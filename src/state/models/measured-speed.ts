/**
 * What has been measured of large models, and where: figures of the lab's own benchmarks, in one place, for the page to say so. They
 * are of one machine and promise nothing of another.
 */
import type { DeviceReport } from '../../engine/device/device-report.ts';

export interface MeasuredSpeed {
  readonly shape: string; // of the checkpoint; its weights were made up, which speed does not notice
  readonly precision: string;
  readonly where: string;
  readonly prefill: number; // tokens of a prompt a second, one row
  readonly decode: number; // tokens of an answer a second, one row
  readonly command: string; // that printed the figures into docs/benchmarks.md
}

export const MEASURED_ON_WASM: MeasuredSpeed = {
  shape: 'OLMo 2 1B',
  precision: 'int8',
  where: 'two cores of a shared server',
  prefill: 37.1,
  decode: 2.57,
  command: 'npx tsx bench/resident.ts 1B int8',
};

/** What is known of speed on WASM and on GPUs, for whoever is about to choose a model: two sentences. */
export function measuredSoFar(device: Pick<DeviceReport, 'webgpu'>): string {
  const { shape, precision, where, prefill, decode } = MEASURED_ON_WASM;
  const wasm =
    `Measured on WASM, ${where}, at the shape of ${shape} in ${precision}: ` +
    `${decode.toFixed(1)} tokens a second of an answer, ${prefill.toFixed(0)} of a prompt.`;
  const isGpu = device.webgpu !== null && !device.webgpu.software;
  return `${wasm} Not measured on ${isGpu ? 'this or any other GPU' : 'a GPU'} yet.`;
}
