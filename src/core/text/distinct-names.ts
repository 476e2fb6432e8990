/**
 * A name that a user gave, kept apart from names that mean something here: one of those gets a word in front, and so does any that
 * already looks like that. So different names stay different, and none of them is taken.
 */
export function apartFrom(name: string, taken: readonly string[], word: string): string {
  let rest = name;
  while (rest.startsWith(`${word} `)) rest = rest.slice(word.length + 1);
  return taken.includes(rest) ? `${word} ${name}` : name;
}

/** Texts as they are, a number behind each that was there before, so that no two are the same. */
export function distinct(texts: readonly string[]): string[] {
  const taken = new Set<string>();
  return texts.map((text) => {
    let free = text;
    for (let count = 2; taken.has(free); count++) free = `${text} (${count})`;
    taken.add(free);
    return free;
  });
}
