/** Keys that a JSON object has twice. JSON.parse takes the last one without a word, so that what stood first is lost. */

const TOKEN = /"(?:[^"\\]|\\[^])*"|[{}[\],]/g;

/** The first key that stands twice in one object of valid JSON; null where none does. */
export function duplicateKey(json: string): string | null {
  const open: (Set<string> | null)[] = []; // keys of the objects around, null for a list
  let mayBeKey = false;
  for (const [token] of json.matchAll(TOKEN)) {
    const keys = open.at(-1) ?? null;
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(null);
    else if (token === '}' || token === ']') open.pop();
    else if (token.startsWith('"') && mayBeKey && keys !== null) {
      const key = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
      if (keys.has(key)) return key;
      keys.add(key);
    }
    mayBeKey = token === '{' || token === ',';
  }
  return null;
}
