import { expose } from 'comlink';

/** What the engine's tests call in the worker, through `window.engine`. */
const api = {
  /** Whether threads and WebGPU are to be had here, and on what. */
  async surroundings(): Promise<{ crossOriginIsolated: boolean; adapter: string | null }> {
    const gpu = navigator.gpu as GPU | undefined; // absent outside secure contexts and in older browsers
    const adapter = (await gpu?.requestAdapter()) ?? null;
    const { vendor = '', architecture = '' } = adapter?.info ?? {};
    return { crossOriginIsolated, adapter: adapter === null ? null : `${vendor} ${architecture}`.trim() };
  },
};

export type EnginePageApi = typeof api;

expose(api);
