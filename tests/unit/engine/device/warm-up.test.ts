import { describe, expect, it, vi } from 'vitest';
import { openNodeRuntime } from '../../../../src/engine/device/runtime.node.ts';
import { warmUp } from '../../../../src/engine/device/warm-up.ts';

describe('warming up', () => {
  it('compiles a graph that ONNX Runtime takes', async () => {
    const runtime = openNodeRuntime(1);
    const create = vi.spyOn(runtime.ort.InferenceSession, 'create');
    await warmUp(runtime);
    await expect(create.mock.results[0]?.value).resolves.toMatchObject({ inputNames: ['x'], outputNames: ['y'] });
    create.mockRestore();
  });

  it('leaves a failure to the model’s own session', async () => {
    const { ort, ...runtime } = openNodeRuntime(1);
    const broken = { ...ort, InferenceSession: { create: () => Promise.reject(new Error('no WebAssembly')) } };
    await expect(warmUp({ ...runtime, ort: broken })).resolves.toBeUndefined();
  });
});
