export type Provider = 'webgpu' | 'wasm';

/** `auto` takes WebGPU on a hardware adapter, else WASM. */
export type ProviderChoice = 'auto' | Provider;

/** What this browser and machine offer, and what `auto` takes. */
export interface DeviceReport {
  readonly webgpu: WebGpuReport | null; // null: no adapter
  readonly wasmThreads: number; // that this page may use
  readonly crossOriginIsolated: boolean;
  readonly jspi: boolean; // WebAssembly can wait for promises without being rewritten
  readonly auto: Provider;
  readonly reason: string; // one sentence: why `auto` is what it is
}

export interface WebGpuReport {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly software: boolean; // a CPU rasteriser such as SwiftShader
  readonly shaderF16: boolean;
  readonly maxBufferBytes: number;
}
