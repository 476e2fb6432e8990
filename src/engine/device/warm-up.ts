/** Starts ONNX Runtime before there is a model: its WebAssembly is the largest file of the page. */
import { writeOnnxModel } from '../../formats/bytes/onnx.ts';
import { createSession, type Runtime } from './runtime.ts';

/** Compiles a graph that hands on its input. Never rejects: what fails here fails again, and is reported, with the model. */
export async function warmUp(runtime: Runtime): Promise<void> {
  try {
    const model = writeOnnxModel({
      graphName: 'warm-up',
      nodes: [{ op: 'Identity', domain: '', name: 'y', inputs: ['x'], outputs: ['y'], attributes: {} }],
      inputs: [{ name: 'x', type: 'float32', shape: [1] }],
      outputs: [{ name: 'y', type: 'float32', shape: [1] }],
      initializers: [],
      opsets: { '': 21 },
    });
    const session = await createSession(runtime, { model, weights: new Uint8Array(), weightsFile: 'none' });
    await session.release();
  } catch {
    // the model's own session says why
  }
}
