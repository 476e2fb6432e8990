/** How Chromium is started: quiet, with no way out of this machine, and with WebGPU on the CPU where that is asked for. */
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'];
/** Whatever the page asks of another host finds no address, in workers too. */
const OFFLINE = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost';
/** WebGPU without a GPU, on Chromium's own Vulkan rasteriser: exact, and slow. */
const SOFTWARE_WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--enable-features=Vulkan'];

/** Lets a test collect garbage before it measures memory, in workers too. */
const COLLECTABLE = '--js-flags=--expose-gc';

export function chromiumFlags(provider: 'webgpu' | 'wasm'): string[] {
  return ['--no-sandbox', ...QUIET, OFFLINE, COLLECTABLE, ...(provider === 'webgpu' ? SOFTWARE_WEBGPU : [])];
}
