import type { Environment } from 'vitest/runtime';

/** Node as it is, but with Svelte's runes compiled for the browser: Vite would compile them for a server otherwise. */
const client: Environment = {
  name: 'client',
  viteEnvironment: 'client',
  setup: () => ({ teardown: () => undefined }),
};

export default client;
