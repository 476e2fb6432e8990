/** Entry point of the command line: Harmscope's core and engine under Node, on the WebAssembly provider. */
import { runLab } from './run-lab.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1)); // `lab … | head`

process.exit(await runLab(process.argv.slice(2))); // otherwise ONNX Runtime's threads keep the process alive
