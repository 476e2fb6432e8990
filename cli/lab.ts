/** The command line's process: the lab's core and engine under Node, on the WebAssembly provider. */
import { runLab } from './run-lab.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1)); // `lab … | head`

process.exit(await runLab(process.argv.slice(2))); // ONNX Runtime's threads would keep the process alive
