import { wrap, type Remote } from 'comlink';
import type { EnginePageApi } from './engine.worker.ts';

declare global {
  interface Window {
    engine: Remote<EnginePageApi>;
  }
}

window.engine = wrap<EnginePageApi>(new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' }));
