/** A checkpoint's chat template, rendered as transformers' `apply_chat_template` renders it. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import type { NamedTokens } from './special-tokens.ts';
import { compileTemplate, type CompiledTemplate } from './jinja/compile.ts';
import { TemplateFault } from './jinja/fault.ts';
import { renderTemplate } from './jinja/render.ts';
import { lstrip, rstrip, strip } from './jinja/python-text.ts';
import { Dict, Sequence, type Value } from './jinja/values.ts';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** Where a template was found. */
export interface TemplateText {
  readonly text: string;
  readonly file: string;
}

/** A dialogue of one user turn, and where in it the user's text ends (the index behind its last code unit). */
export interface PlacedInstruction {
  readonly dialogue: string;
  readonly end: number;
}

interface Frame {
  readonly before: string;
  readonly after: string;
}

export class ChatTemplate {
  #frame: Frame | null = null; // what stands around a user's text, mostly whatever the text
  readonly #compiled: CompiledTemplate;
  readonly #tokens: NamedTokens;
  readonly #label: string;
  readonly #file: string;

  /** @param label names the checkpoint to a reader. Throws errors that name it, the file and the line. */
  constructor({ text, file }: TemplateText, tokens: NamedTokens, label: string) {
    this.#tokens = tokens;
    this.#label = label;
    this.#file = file;
    this.#compiled = this.#explained(() => compileTemplate(text));
  }

  /** The dialogue up to where the model answers. Throws where the template fails, refuses it or goes on for too long. */
  render(messages: readonly ChatMessage[], now = new Date()): string {
    return this.#explained(() => renderTemplate(this.#compiled, this.#names(messages), now));
  }

  /**
   * The dialogue of one user turn with the place of its text, found by what the template puts around another text. Throws where
   * that cannot be told: the template leaves the text out, changes it, or writes it more than once.
   */
  placeInstruction(text: string): PlacedInstruction {
    const now = new Date();
    const dialogue = this.#renderUser(text, now);
    const end = this.#endIn(dialogue, text, now);
    if (end !== null) return { dialogue, end };
    const problem = `The chat template of ${this.#label} changes the text of a prompt or does not write it just once, so the end of the instruction cannot be found: “${shown(text)}”.`; // prettier-ignore
    throw new LabError('config', problem, 'Choose another pooling, or leave that prompt out.');
  }

  #endIn(dialogue: string, text: string, now: Date): number | null {
    const mark = markBeside(text);
    this.#frame ??= around(this.#renderUser(mark, now), mark);
    const end = endBetween(this.#frame, dialogue, text);
    if (end !== null) return end;
    this.#frame = null; // a template may tell the time, or look at the text
    const standIn = standInBeside(text);
    for (const written of new Set([text, rstrip(text)])) {
      const last = Array.from(written).at(-1) ?? '';
      const other = written.slice(0, written.length - last.length) + standIn + text.slice(written.length);
      const marked = around(this.#renderUser(other, now), standIn);
      if (marked === null || marked.before + last + marked.after !== dialogue) continue;
      const upTo = marked.before + last;
      if (strip(written) !== '' && upTo.endsWith(lstrip(written))) return upTo.length;
    }
    return null;
  }

  #renderUser(content: string, now: Date): string {
    return this.render([{ role: 'user', content }], now);
  }

  /** What transformers gives a template: no tools or documents are None, and special tokens only those that are set. */
  #names(messages: readonly ChatMessage[]): ReadonlyMap<string, Value> {
    const turns = messages.map((message) => new Dict(new Map(Object.entries({ ...message }))));
    const tokens = Object.entries(this.#tokens).map(([name, token]): [string, Value] => [
      name,
      typeof token === 'string' ? token : new Sequence(token),
    ]);
    return new Map<string, Value>([
      ...tokens,
      ['messages', new Sequence(turns)],
      ['tools', null],
      ['documents', null],
      ['add_generation_prompt', true],
    ]);
  }

  #explained<T>(run: () => T): T {
    try {
      return run();
    } catch (cause) {
      if (cause instanceof TemplateFault) throw this.#error(cause);
      throw cause;
    }
  }

  #error(fault: TemplateFault): LabError {
    const { kind, line } = fault;
    const message = shown(fault.message, 200);
    const place = line === null ? '' : `, line ${line}`;
    const template = `The chat template of ${this.#label} (${this.#file}${place})`;
    const correct = `Correct the template in ${this.#file}, or send the prompt as raw text.`;
    const error = (problem: string, nextStep: string): LabError => new LabError('format', problem, nextStep, { cause: fault }); // prettier-ignore
    if (kind === 'limit') {
      const problem = `This checkpoint’s chat template takes too long: ${this.#label} (${this.#file}${place}): ${message}.`;
      return error(problem, `A template this long or one that loops without end is stopped. ${correct}`);
    }
    if (kind === 'raised') {
      return error(`${template} refuses this dialogue: “${message}”.`, 'Send a dialogue that the template takes, or the prompt as raw text.'); // prettier-ignore
    }
    if (kind === 'syntax') return error(`${template} cannot be used: ${message}.`, correct);
    return error(`${template} fails: ${message}.`, correct);
  }
}

const MARK = 'harmscope0the0text0ends0here';
const STAND_IN = 0xe0b5; // for a character, of Unicode's private use

/** A text that nothing else holds, of characters that templates leave alone. */
function markBeside(text: string): string {
  let mark = MARK;
  while (text.includes(mark)) mark += '0';
  return mark;
}

/** A character that the text does not have. */
function standInBeside(text: string): string {
  let point = STAND_IN;
  while (text.includes(String.fromCodePoint(point))) point++;
  return String.fromCodePoint(point);
}

function around(dialogue: string, mark: string): Frame | null {
  const at = dialogue.indexOf(mark);
  if (at < 0 || dialogue.includes(mark, at + 1)) return null;
  return { before: dialogue.slice(0, at), after: dialogue.slice(at + mark.length) };
}

/** Where the text ends between what stands around it; null where something else stands there. Templates may trim it. */
function endBetween(frame: Frame | null, dialogue: string, text: string): number | null {
  if (frame === null || !dialogue.startsWith(frame.before) || !dialogue.endsWith(frame.after)) return null;
  const end = dialogue.length - frame.after.length;
  const written = dialogue.slice(frame.before.length, end);
  const isText = [text, strip(text), rstrip(text), lstrip(text)].includes(written);
  return isText && strip(written) !== '' ? end : null;
}
