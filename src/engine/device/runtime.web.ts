/** ONNX Runtime in a browser's worker: the build that fits what the device offers. */
import type { DeviceReport, Provider, ProviderChoice } from './device-report.ts';
import { openGpuDevice } from './gpu-device.ts';
import { inspectDevice } from './inspect-device.ts';
import type { OrtModule, Runtime } from './runtime.ts';

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
