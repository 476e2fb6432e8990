/** Which of a checkpoint's chat templates is the chat's, as transformers 4.57 chooses. */
import { TEMPLATE_FOLDER } from '../../core/checkpoint-folders.ts';
import { LabError } from '../../core/errors.ts';
import { shown, shownNames } from '../../core/text/quote.ts';
import { isJsonObject, type JsonObject } from '../../formats/bytes/json.ts';
import type { TemplateText } from './chat-template.ts';
import { folderNames, readText, type CheckpointFiles } from '../checkpoint/checkpoint-files.ts';

const CONFIG_FILE = 'tokenizer_config.json';
const OWN_FILE = 'chat_template.jinja';
const DEFAULT = 'default'; // the name of the one that is taken
const ENDING = '.jinja';
const MOST = 100; // files of templates; more are none

/** What there is to render a chat with; `noChat` is the error where a chat is asked for and no template is its. */
export type TemplateChoice =
  | { readonly kind: 'template'; readonly template: TemplateText }
  | { readonly kind: 'none' | 'others'; readonly noChat: LabError }; // `others`: for other things than a chat

/**
 * Templates in files of their own count before any in tokenizer_config.json, also where none of them is for a chat. Reference:
 * `PreTrainedTokenizerBase._from_pretrained`.
 */
export async function chooseTemplate(files: CheckpointFiles, config: JsonObject): Promise<TemplateChoice> {
  const names = await additionalNames(files);
  if (names.includes(DEFAULT)) return { kind: 'template', template: await readAdditional(files, DEFAULT) };
  const own = await readText(files, OWN_FILE);
  if (own !== null) return { kind: 'template', template: { text: own, file: OWN_FILE } };
  if (names.length > 0) {
    const nextStep = `Call one of them ${DEFAULT}${ENDING} in ${TEMPLATE_FOLDER}, or send the prompt as raw text.`;
    return { kind: 'others', noChat: noDefault(files.label, names, nextStep) };
  }
  const value = config['chat_template'];
  if (typeof value === 'string') return { kind: 'template', template: { text: value, file: CONFIG_FILE } };
  const named = namedTemplates(value);
  const chat = named.get(DEFAULT);
  if (chat !== undefined) return { kind: 'template', template: { text: chat, file: CONFIG_FILE } };
  if (named.size === 0) return { kind: 'none', noChat: noTemplate(files.label) };
  const nextStep = `Name one of them “${DEFAULT}” in ${CONFIG_FILE}, or send the prompt as raw text.`;
  return { kind: 'others', noChat: noDefault(files.label, [...named.keys()], nextStep) };
}

/**
 * tokenizer_config.json with all templates that have a file of their own, for a copy of a checkpoint that has no folders: the same one is
 * chosen there. Null where the checkpoint has no such folder: it can be copied file by file.
 */
export async function configWithTemplates(files: CheckpointFiles, config: JsonObject): Promise<JsonObject | null> {
  const names = await additionalNames(files);
  if (names.length === 0) return null;
  const own = await readText(files, OWN_FILE);
  const templates = new Map(own === null ? [] : [[DEFAULT, own]]);
  for (const name of names) templates.set(name, (await readAdditional(files, name)).text);
  return { ...config, chat_template: [...templates].map(([name, template]) => ({ name, template })) };
}

async function additionalNames(files: CheckpointFiles): Promise<string[]> {
  const names = await folderNames(files, TEMPLATE_FOLDER);
  return names.filter((name) => name.endsWith(ENDING)).slice(0, MOST).map((name) => name.slice(0, -ENDING.length)); // prettier-ignore
}

async function readAdditional(files: CheckpointFiles, name: string): Promise<TemplateText> {
  const file = `${TEMPLATE_FOLDER}/${name}${ENDING}`;
  const text = await readText(files, file);
  if (text !== null) return { text, file };
  throw new LabError('not-found', `${shown(files.label)} has no ${shown(file)}.`, 'Download the checkpoint again.');
}

/** Templates by name: a list of `{name, template}`, or an object. */
function namedTemplates(value: unknown): ReadonlyMap<string, string> {
  const entries = Array.isArray(value)
    ? value.filter(isJsonObject).map((entry) => [entry['name'], entry['template']] as const)
    : isJsonObject(value)
      ? Object.entries(value)
      : [];
  return new Map(entries.filter((entry): entry is [string, string] => entry.every((part) => typeof part === 'string')));
}

function noTemplate(label: string): LabError {
  const nextStep = 'Base models have none: send the prompt as raw text, or open an instruction-tuned checkpoint.';
  return new LabError('bad-request', `${shown(label)} has no chat template.`, nextStep);
}

function noDefault(label: string, names: readonly string[], nextStep: string): LabError {
  const quoted = names.map((name) => `“${shown(name, 40)}”`);
  const problem = `${shown(label)} has chat templates named ${shownNames(quoted, 5)}, but none named “${DEFAULT}”.`;
  return new LabError('bad-request', problem, nextStep);
}
