import { wrap, type Remote } from 'comlink';
import type { ConvertPageApi } from './convert.worker.ts';
import type { EnginePageApi } from './engine.worker.ts';

declare global {
  interface Window {
    engine: Remote<EnginePageApi>;
    converter: Remote<ConvertPageApi>;
  }
}

window.engine = wrap<EnginePageApi>(new Worker(new URL('./engine.worker.ts', import.meta.url), { type: 'module' }));
window.converter = wrap<ConvertPageApi>(
  new Worker(new URL('./convert.worker.ts', import.meta.url), { type: 'module' }),
);
