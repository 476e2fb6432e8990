/** What a browser's worker offers to run a model on. It loads nothing of ONNX Runtime. */
import type { DeviceReport, WebGpuReport } from './device-report.ts';
import { requestGpuAdapter } from './gpu-device.ts';

const SOFTWARE_ADAPTER = /swiftshader|llvmpipe|lavapipe|basic render/i;
const MAX_WASM_THREADS = 8; // more cores than this share too little work each

/** Asks the browser once; nothing is allocated. */
export async function inspectDevice(): Promise<DeviceReport> {
  const webgpu = await inspectWebGpu();
  const jspi = 'Suspending' in WebAssembly;
  const isolated = globalThis.crossOriginIsolated;
  const wasmThreads = isolated ? Math.min(navigator.hardwareConcurrency, MAX_WASM_THREADS) : 1;
  const base = { webgpu, jspi, crossOriginIsolated: isolated, wasmThreads };
  if (webgpu === null)
    return { ...base, auto: 'wasm', reason: 'This browser offers no WebGPU adapter, so the CPU runs the model.' };
  if (webgpu.software) {
    const reason = 'WebGPU is here only as a software renderer, which is slower than WASM on the same CPU.';
    return { ...base, auto: 'wasm', reason };
  }
  return { ...base, auto: 'webgpu', reason: `WebGPU on ${webgpu.description}.` };
}

async function inspectWebGpu(): Promise<WebGpuReport | null> {
  const adapter = await requestGpuAdapter();
  if (adapter === null) return null;
  const { vendor, architecture, description } = adapter.info;
  const name = [vendor, architecture, description].filter((part) => part !== '').join(' ');
  return {
    vendor,
    architecture,
    description: name === '' ? 'an unnamed adapter' : name,
    software: adapter.info.isFallbackAdapter || SOFTWARE_ADAPTER.test(name),
    shaderF16: adapter.features.has('shader-f16'),
    maxBufferBytes: adapter.limits.maxBufferSize,
  };
}
