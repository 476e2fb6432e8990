/** Which of a checkpoint's chat templates is the chat's, as transformers 4.57 chooses. */
import { LabError } from '../../core/errors.ts';
import { shown, shownNames } from '../../core/text/quote.ts';
import { isJsonObject, type JsonObject } from '../../formats/bytes/json.ts';
import type { TemplateText } from './chat-template.ts';
import { readText, type CheckpointFiles } from '../checkpoint/checkpoint-files.ts';

const CONFIG_FILE = 'tokenizer_config.json';
const OWN_FILE = 'chat_template.jinja';

/** What there is to render a chat with; `noChat` is the error where a chat is asked for and no template is its. */
export type TemplateChoice =
  | { readonly kind: 'template'; readonly template: TemplateText }
  | { readonly kind: 'none' | 'others'; readonly noChat: LabError }; // `others`: for other things than a chat

/** The template in a file of its own counts before any in tokenizer_config.json. */
export async function chooseTemplate(files: CheckpointFiles, config: JsonObject): Promise<TemplateChoice> {
  const own = await readText(files, OWN_FILE);
  if (own !== null) return { kind: 'template', template: { text: own, file: OWN_FILE } };
  const value = config['chat_template'];
  if (typeof value === 'string') return { kind: 'template', template: { text: value, file: CONFIG_FILE } };
  const named = namedTemplates(value);
  const chat = named.get('default');
  if (chat !== undefined) return { kind: 'template', template: { text: chat, file: CONFIG_FILE } };
  if (named.size === 0) return { kind: 'none', noChat: noTemplate(files.label) };
  return { kind: 'others', noChat: noDefault(files.label, [...named.keys()]) };
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

function noDefault(label: string, names: readonly string[]): LabError {
  const quoted = names.map((name) => `“${shown(name, 40)}”`);
  const problem = `${shown(label)} has chat templates named ${shownNames(quoted, 5)}, but none named “default”.`;
  return new LabError('bad-request', problem, `Name one of them “default” in ${CONFIG_FILE}, or send the prompt as raw text.`); // prettier-ignore
}
