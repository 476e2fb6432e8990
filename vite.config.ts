import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// SharedArrayBuffer, and with it WASM threads, exists only on a cross-origin isolated page.
const crossOriginIsolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  base: './', // the built lab can be served from any folder
  plugins: [svelte({ configFile: false })],
  worker: { format: 'es', rolldownOptions: { checks: { bundlerTimings: false } } },
  build: {
    target: 'es2023',
    chunkSizeWarningLimit: 800, // kB; the pages on a study's results come with ECharts and both its renderers, when the first of them is opened
    rolldownOptions: { checks: { bundlerTimings: false } }, // it would report every test's build
  },
  server: { headers: crossOriginIsolation },
  preview: { headers: crossOriginIsolation },
  optimizeDeps: { exclude: ['onnxruntime-web'] }, // its .mjs finds its .wasm by its own address
});
