/** ONNX Runtime in a browser's worker: what the device offers, and the build that fits it. */
import type { DeviceReport, Provider, ProviderChoice, WebGpuReport } from './device-report.ts';
import { openGpuDevice, requestGpuAdapter } from './gpu-device.ts';
import type { OrtModule, Runtime } from './runtime.ts';

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

/**
 * ONNX Runtime for the provider chosen, with `threads` WASM threads. The threads are fixed at the first session of a worker.
 * Throws a `device` error where the provider is not to be had.
 */
export async function openWebRuntime(choice: ProviderChoice, threads: number): Promise<Runtime> {
  const device = await inspectDevice();
  const provider: Provider = choice === 'auto' ? device.auto : choice;
  const gpu = provider === 'webgpu' ? await openGpuDevice() : null;
  const { ort, mjs, wasm } = await loadOrt(device);
  const usedThreads = Math.min(threads, device.wasmThreads);
  ort.env.wasm.wasmPaths = { mjs, wasm }; // else its threads start from the bundled chunk, and hang
  ort.env.wasm.numThreads = usedThreads;
  ort.env.logLevel = 'error';
  const reason = choice === 'auto' ? device.reason : `Chosen by hand: ${provider === 'webgpu' ? 'WebGPU' : 'WASM'}.`;
  return { ort, provider, gpu, threads: usedThreads, reason };
}

interface LoadedOrt {
  readonly ort: OrtModule;
  readonly mjs: string;
  readonly wasm: string;
}

/** The smallest build that serves this browser: JSPI, else asyncify for WebGPU, else plain WASM. */
async function loadOrt(device: DeviceReport): Promise<LoadedOrt> {
  if (device.webgpu === null) {
    const [ort, mjs, wasm] = await Promise.all([
      import('onnxruntime-web/wasm'),
      import('onnxruntime-web/ort-wasm-simd-threaded.mjs?url'),
      import('onnxruntime-web/ort-wasm-simd-threaded.wasm?url'),
    ]);
    return { ort, mjs: mjs.default, wasm: wasm.default };
  }
  if (device.jspi) {
    const [ort, mjs, wasm] = await Promise.all([
      import('onnxruntime-web/jspi'),
      import('onnxruntime-web/ort-wasm-simd-threaded.jspi.mjs?url'),
      import('onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url'),
    ]);
    return { ort, mjs: mjs.default, wasm: wasm.default };
  }
  const [ort, mjs, wasm] = await Promise.all([
    import('onnxruntime-web/webgpu'),
    import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url'),
    import('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url'),
  ]);
  return { ort, mjs: mjs.default, wasm: wasm.default };
}
