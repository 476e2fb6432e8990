/** `--ladder`: the name of a known ladder on the Hub, or a ladder file. */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '../../src/core/errors.ts';
import { shown } from '../../src/core/text/quote.ts';
import { parseHubLadder, type HubLadder } from '../../src/formats/ladders/hub-ladder.ts';
import { decodeUtf8 } from '../../src/formats/bytes/json.ts';
import { listRefs, type HubRef } from '../../src/sources/hub/refs.ts';
import type { HubOptions } from '../../src/sources/hub/hub-fetch.ts';
import { reposOf } from '../../src/labs/models/ladder-picks.ts';
import { LADDERS } from './checkpoint-options.ts';
import type { OptionSpec } from '../command.ts';

export const ladderOptions: Readonly<Record<'json', OptionSpec>> = {
  json: { type: 'boolean', help: 'print JSON instead of a table' },
};

const ENDING = '.json';

/** The ladders that can be given by name. */
export function ladderIds(): string[] {
  const files = readdirSync(LADDERS).filter((file) => file.endsWith(ENDING));
  return files.map((file) => file.slice(0, -ENDING.length)).sort();
}

/** @throws LabError `not-found`, when the text is neither a ladder's name nor a file; `format`, naming the field */
export async function readLadder(text: string): Promise<HubLadder> {
  const path = ladderIds().includes(text) ? join(LADDERS, text + ENDING) : text;
  const bytes = await readFile(path).catch((cause: unknown) => {
    const nextStep = `Use a file, or one of ${ladderIds().join(', ')}.`;
    throw new LabError('not-found', `There is no ladder “${shown(text)}”.`, nextStep, { cause });
  });
  return parseHubLadder(decodeUtf8(path, bytes), path);
}

/** Branches and tags of every repository that the ladder names. */
export async function refsOfLadder(ladder: HubLadder, hub: HubOptions): Promise<Map<string, HubRef[]>> {
  const listed = reposOf(ladder).map(async (repo) => [repo, await listRefs({ ...hub, repo })] as const);
  return new Map(await Promise.all(listed));
}
