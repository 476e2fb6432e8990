// Node 20 starts threads with JavaScript alone: `--import tsx` does not reach their first file.
import { register } from 'tsx/esm/api';

register();
await import('./fuzz-thread.ts');
