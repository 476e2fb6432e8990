/** A page that knows nothing of the lab: transformers.js as its readers use it, with models from `/models`. */
import { AutoModelForCausalLM, AutoTokenizer, env, pipeline, type Tensor } from '@huggingface/transformers';
import mjs from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import wasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';

env.allowRemoteModels = false;
env.allowLocalModels = true;
env.localModelPath = '/models/';
const { wasm: runtime } = env.backends.onnx;
if (runtime !== undefined) {
  runtime.wasmPaths = { mjs: new URL(mjs, location.href).href, wasm: new URL(wasm, location.href).href }; // not from a CDN
  runtime.numThreads = 1;
}

type Device = 'wasm' | 'webgpu';

const stockPage = {
  /** Greedy answer to one user turn. */
  async chat(model: string, device: Device, content: string, maxTokens: number): Promise<string> {
    const write = await pipeline('text-generation', model, { device });
    const [answer] = await write([{ role: 'user', content }], { max_new_tokens: maxTokens, do_sample: false });
    await write.dispose();
    const generated = (answer as { readonly generated_text: readonly { readonly content: string }[] }).generated_text;
    return generated.at(-1)?.content ?? '';
  },

  /** Logits of every token of a text, [tokens, vocab], and its token ids. */
  async logits(model: string, device: Device, text: string): Promise<{ ids: number[]; logits: number[] }> {
    const tokenizer = await AutoTokenizer.from_pretrained(model);
    const opened = await AutoModelForCausalLM.from_pretrained(model, { device });
    const inputs = tokenizer(text) as { readonly input_ids: Tensor };
    const { logits } = (await opened(inputs)) as { readonly logits: Tensor };
    await opened.dispose();
    const [ids = []] = inputs.input_ids.tolist() as bigint[][];
    return { ids: ids.map(Number), logits: [...(logits.data as Float32Array)] };
  },
};

declare global {
  interface Window {
    stockPage: typeof stockPage;
  }
}

window.stockPage = stockPage;
