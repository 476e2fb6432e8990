/** The golden cases of tests/fixtures/golden, and where the weights of each lie. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const GOLDEN = join(import.meta.dirname, '../fixtures/golden');

export interface NamedCase {
  readonly name: string; // its folder under GOLDEN
  readonly checkpoint: string | null; // a folder under public/; null: the weights lie beside the golden
}

export const CASES: readonly NamedCase[] = readdirSync(GOLDEN, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => ({ name, checkpoint: checkpointOf(name) }));

function checkpointOf(name: string): string | null {
  const { checkpoint } = JSON.parse(readFileSync(join(GOLDEN, name, 'golden.json'), 'utf8')) as { checkpoint?: string };
  return checkpoint === undefined ? null : `ladders/${checkpoint.replace('@', '/')}`;
}
