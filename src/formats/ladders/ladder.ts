/** A ladder: checkpoints of one model along its training, as `ladder.json` lists them. */
import { PROMPT_TEMPLATES, type PromptTemplate } from '../prompts/prompt-template.ts';
import { LabError } from '../../core/errors.ts';
import { shown, shownValue } from '../../core/text/quote.ts';
import { isJsonObject, type JsonObject } from '../bytes/json.ts';

export const STAGES = ['init', 'pretraining', 'mid-training', 'long-context', 'sft', 'dpo', 'instruct'] as const;
export type Stage = (typeof STAGES)[number];

interface LadderFile {
  readonly bytes: number;
  readonly sha256: string;
}

export interface LadderCheckpoint {
  readonly revision: string;
  readonly stage: Stage;
  readonly step: number;
  readonly tokensSeen: number;
  readonly path: string; // folder, relative to ladder.json
  readonly files: Readonly<Record<string, LadderFile>>;
}

export interface Ladder {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly checkpoints: readonly LadderCheckpoint[];
  readonly defaults: {
    readonly revision: string;
    readonly steeringLayer: number;
    readonly directionTemplate: PromptTemplate;
    readonly pooling: 'last' | 'mean' | 'max';
  };
}

/** Checks ladder.json's object. Throws `format` errors that name the file and the field. */
export function parseLadder(json: JsonObject, file: string): Ladder {
  const fail = (problem: string): LabError =>
    new LabError('format', `${file}: ${problem}.`, 'Deploy the ladder again.');
  const text = (object: JsonObject, key: string, where: string): string => {
    const value = object[key];
    if (typeof value !== 'string') throw fail(`${where} has no ${key}`);
    return value;
  };
  const count = (object: JsonObject, key: string, where: string): number => {
    const value = object[key];
    if (!Number.isSafeInteger(value) || (value as number) < 0) throw fail(`${where} has no valid ${key}`);
    return value as number;
  };
  const oneOf = <T extends string>(object: JsonObject, key: string, known: readonly T[], where: string): T => {
    const value = known.find((name) => name === object[key]);
    if (value === undefined) throw fail(`${where}: ${key} is not one of ${known.join(', ')}`);
    return value;
  };
  const readFiles = (value: unknown, where: string): Record<string, LadderFile> => {
    if (!isJsonObject(value)) throw fail(`${where} lists no files`);
    return Object.fromEntries(
      Object.entries(value).map(([name, entry]) => {
        if (!isJsonObject(entry)) throw fail(`${where}: ${shown(name)} is not described`);
        return [name, { bytes: count(entry, 'bytes', name), sha256: text(entry, 'sha256', name) }];
      }),
    );
  };
  const entries = json['checkpoints'];
  const defaults = json['defaults'];
  if (json['version'] !== 1) throw fail(`version ${shownValue(json['version'])} is unknown`);
  if (!Array.isArray(entries) || entries.length === 0) throw fail('it lists no checkpoints');
  if (!isJsonObject(defaults)) throw fail('it has no defaults');
  const checkpoints = entries.map((entry: unknown, index): LadderCheckpoint => {
    const where = `checkpoint ${index + 1}`;
    if (!isJsonObject(entry)) throw fail(`${where} is not described`);
    return {
      revision: text(entry, 'revision', where),
      stage: oneOf(entry, 'stage', STAGES, where),
      step: count(entry, 'step', where),
      tokensSeen: count(entry, 'tokensSeen', where),
      path: text(entry, 'path', where),
      files: readFiles(entry['files'], where),
    };
  });
  const revision = defaults['revision'] ?? checkpoints.at(-1)?.revision;
  if (!checkpoints.some((checkpoint) => checkpoint.revision === revision)) {
    throw fail(`the default revision ${shownValue(revision)} is not in its list`);
  }
  return {
    id: text(json, 'id', 'it'),
    name: text(json, 'name', 'it'),
    description: text(json, 'description', 'it'),
    checkpoints,
    defaults: {
      revision: revision as string,
      steeringLayer: count(defaults, 'steeringLayer', 'defaults'),
      directionTemplate: oneOf(defaults, 'directionTemplate', PROMPT_TEMPLATES, 'defaults'),
      pooling: oneOf(defaults, 'pooling', ['last', 'mean', 'max'], 'defaults'),
    },
  };
}

/** The checkpoint of that revision. Throws `not-found` with the nearest names. */
export function findCheckpoint(ladder: Ladder, revision: string): LadderCheckpoint {
  const found = ladder.checkpoints.find((checkpoint) => checkpoint.revision === revision);
  if (found !== undefined) return found;
  const names = ladder.checkpoints.map((checkpoint) => checkpoint.revision).join(', ');
  throw new LabError('not-found', `${ladder.id} has no revision “${shown(revision)}”.`, `It has ${names}.`);
}
