/** Which token of a text holds a character: the tokens of byte-level tokenizers, put together again. */

/** The byte that a character stands for in a byte-level vocabulary. Reference: `bytes_to_unicode` of GPT-2. */
const BYTES: ReadonlyMap<string, number> = (() => {
  const isShown = (byte: number): boolean => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  let next = 256;
  return new Map(bytes.map((byte) => [String.fromCharCode(isShown(byte) ? byte : next++), byte]));
})();

const FORMS = ['NFC', 'NFKC', 'NFD', 'NFKD'] as const; // that a normalizer may bring a text into

/**
 * The index of the last token that holds something of the text before `end`, or null where the tokens do not add up to the text.
 * @param added contents of the added tokens, which stand for themselves
 */
export function tokenBefore(
  tokens: readonly string[],
  added: ReadonlySet<string>,
  text: string,
  end: number,
): number | null {
  const spelled = tokens.map((token) => (added.has(token) ? new TextEncoder().encode(token) : bytesOf(token)));
  const total = spelled.reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0);
  const target = bytesBefore(text, end, (bytes) => bytes.length === total && isSpelled(spelled, bytes));
  if (target === null || target === 0) return null;
  let seen = 0;
  return spelled.findIndex((bytes) => (seen += bytes?.length ?? 0) >= target);
}

/** Bytes of the text before `end`, in the form in which the tokens spell the text. */
function bytesBefore(text: string, end: number, isRight: (bytes: Uint8Array) => boolean): number | null {
  const encoder = new TextEncoder();
  if (isRight(encoder.encode(text))) return encoder.encode(text.slice(0, end)).length;
  for (const form of FORMS) {
    const [whole, start] = [text.normalize(form), text.slice(0, end).normalize(form)];
    if (whole.startsWith(start) && isRight(encoder.encode(whole))) return encoder.encode(start).length;
  }
  return null;
}

function isSpelled(spelled: readonly (Uint8Array | null)[], bytes: Uint8Array): boolean {
  let at = 0;
  return spelled.every((part) => part?.every((byte) => byte === bytes[at++]) ?? false);
}

function bytesOf(token: string): Uint8Array | null {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTES.get(token.charAt(i));
    if (byte === undefined) return null;
    bytes[i] = byte;
  }
  return bytes;
}
