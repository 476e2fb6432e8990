/** Conversations in a cell: `[{"role": "user", "content": "…"}, …]`, as chat data sets have them in place of a prompt. */
import { isJsonObject, type JsonObject } from '../bytes/json.ts';

export const CHAT_NAMES = ['messages', 'conversation', 'conversations', 'dialog', 'dialogue', 'chat'];

const USERS = new Set(['user', 'human', 'prompter']);
const OTHERS = new Set(['assistant', 'system', 'developer', 'gpt', 'chatgpt', 'bot', 'model', 'tool', 'function']);

export const isUserRole = (role: string): boolean => USERS.has(role.trim().toLowerCase());
export const isRole = (role: string): boolean => isUserRole(role) || OTHERS.has(role.trim().toLowerCase());

export interface ChatPrompt {
  readonly text: string; // the user's last message; '' where there is none
  readonly isWhole: boolean; // nothing was said before it
}

/** What the user says last in a cell's conversation; null where the cell holds none. */
export function chatPrompt(cell: unknown): ChatPrompt | null {
  const messages = messagesOf(cell);
  if (messages === null) return null;
  const place = messages.findLastIndex(({ role }) => isUserRole(role));
  return { text: messages[place]?.text ?? '', isWhole: place <= 0 };
}

interface Message {
  readonly role: string;
  readonly text: string;
}

/** Also of a conversation that is written as JSON into a cell of text. */
function messagesOf(cell: unknown): readonly Message[] | null {
  const value = typeof cell === 'string' && /^\s*\[\s*\{/.test(cell) ? parsed(cell) : cell;
  if (!Array.isArray(value) || value.length === 0) return null;
  const messages = value.map((entry) => (isJsonObject(entry) ? messageOf(entry) : null));
  return messages.every((message) => message !== null) ? messages : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function messageOf(entry: JsonObject): Message | null {
  const role = entry['role'] ?? entry['from'];
  const content = Object.hasOwn(entry, 'content') ? entry['content'] : entry['value'];
  if (typeof role !== 'string' || !isRole(role) || content === undefined) return null;
  return { role, text: textOf(content) };
}

/** A message is a text, or parts of which some are texts. */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const parts = Array.isArray(content) ? content : [];
  return parts.flatMap((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? [part['text']] : [])).join('\n'); // prettier-ignore
}
