/** ONNX Runtime under Node: the same WebAssembly build as the browser's, so the command line computes what the page does. */
import * as ort from 'onnxruntime-web';
import type { Runtime } from './runtime.ts';

export function openNodeRuntime(threads: number): Runtime {
  ort.env.wasm.numThreads = threads;
  ort.env.logLevel = 'error';
  return { ort, provider: 'wasm', gpu: null, threads, reason: 'Node runs ONNX Runtime’s WebAssembly build.' };
}
