/** ONNX Runtime as the engine sees it: one provider, sessions made one after another. */
import type * as Ort from 'onnxruntime-web';
import { enterActivity } from '../../core/activity.ts';
import { LabError } from '../../core/errors.ts';
import type { ModelBundle, StoredBundle } from '../graph/bundle.ts';
import type { Provider } from './device-report.ts';

export type OrtModule = typeof Ort;
export type Session = Ort.InferenceSession;
export type Tensor = Ort.Tensor;

export interface Runtime {
  readonly ort: OrtModule;
  readonly provider: Provider;
  readonly gpu: GPUDevice | null; // where `provider` is WebGPU
  readonly threads: number;
  readonly reason: string; // why this provider, in a sentence
}

let tail: Promise<unknown> = Promise.resolve(); // two sessions created at once: "multiple calls to 'initWasm()'"

/** Compiles a model. Throws a `device` error where ONNX Runtime refuses. */
export function createSession(runtime: Runtime, bundle: ModelBundle | StoredBundle): Promise<Session> {
  const creating = tail.then(() => create(runtime, bundle));
  tail = creating.catch(() => undefined);
  return creating;
}

async function create({ ort, provider, gpu }: Runtime, bundle: ModelBundle | StoredBundle): Promise<Session> {
  const externalData = 'external' in bundle ? bundle.external : [{ path: bundle.weightsFile, data: bundle.weights }];
  enterActivity({ kind: 'session', of: '' });
  try {
    return await ort.InferenceSession.create(bundle.model, {
      executionProviders: [gpu === null ? provider : { name: 'webgpu', device: gpu }],
      externalData,
      graphOptimizationLevel: 'all',
    });
  } catch (cause) {
    throw deviceError(cause, provider, 'could not compile the model');
  } finally {
    enterActivity(null);
  }
}

/** Wraps what ONNX Runtime throws, which is a bare message or, on some builds, a number. */
export function deviceError(cause: unknown, provider: Provider, problem: string): LabError {
  if (cause instanceof LabError) return cause;
  const reason = cause instanceof Error ? cause.message : `code ${String(cause)}`;
  const nextStep =
    provider === 'webgpu'
      ? 'Close other GPU-heavy tabs and try again, or switch to WASM.'
      : 'Close other tabs to free memory, then reload the page.';
  return new LabError('device', `ONNX Runtime (${provider}) ${problem}: ${reason}`, nextStep, { cause });
}
