/**
 * The test server by itself, for a browser or the command line beside it: checkpoints of the true OLMo shapes with made-up
 * weights, and the golden checkpoints. `npx tsx tests/hub-server/main.ts [port]`, then `lab … --hub http://127.0.0.1:port`.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startHubServer } from './hub-server.ts';
import { madeUpCheckpoint } from './made-up-checkpoint.ts';
import { OLMO_2_1B, OLMO_3_7B } from './olmo-shapes.ts';
import { filesOfFolder } from './served-file.ts';

const GOLDEN = join(import.meta.dirname, '../fixtures/golden');

const server = await startHubServer(
  [
    { id: 'made-up/OLMo-2-1B', branches: { main: madeUpCheckpoint(OLMO_2_1B) } },
    { id: 'made-up/OLMo-3-7B', branches: { main: madeUpCheckpoint(OLMO_3_7B) } },
    ...readdirSync(GOLDEN, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => ({ id: `golden/${name}`, branches: { main: filesOfFolder(join(GOLDEN, name)) } })),
  ],
  { port: Number(process.argv[2] ?? 0) },
);
process.stdout.write(`${server.url}\n`);
