/** The GPU device that sessions run on: ours, so that its features and its end are ours to know. */
import { LabError } from '../../core/errors.ts';

/**
 * The smallest subgroups that ONNX Runtime 1.30's flash attention computes right with: on SwiftShader, whose subgroups have four
 * lanes, prompts of 32 tokens or more came out wrong by 10 to 35 %, and right without the feature.
 */
const MIN_SUBGROUP_SIZE = 8;

const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies readonly (keyof GPUSupportedLimits)[];

let current: Promise<GPUDevice> | null = null;

export async function requestGpuAdapter(): Promise<GPUAdapter | null> {
  const gpu = navigator.gpu as GPU | undefined; // absent in older browsers
  return (await gpu?.requestAdapter({ powerPreference: 'high-performance' })) ?? null;
}

/** One device for all sessions, with all that the adapter can; a new one after a loss. Throws `device` errors. */
export function openGpuDevice(): Promise<GPUDevice> {
  current ??= requestDevice();
  current.catch(() => (current = null));
  return current;
}

async function requestDevice(): Promise<GPUDevice> {
  const adapter = await requestGpuAdapter();
  if (adapter === null) {
    throw new LabError(
      'device',
      'This browser offers no WebGPU adapter.',
      'Switch to WASM, or use a browser with WebGPU.',
    );
  }
  const hasWideSubgroups = adapter.info.subgroupMinSize >= MIN_SUBGROUP_SIZE;
  const wanted: GPUFeatureName[] = hasWideSubgroups ? ['shader-f16', 'subgroups'] : ['shader-f16'];
  const device = await adapter.requestDevice({
    requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  });
  void device.lost.then(() => (current = null));
  return device;
}
