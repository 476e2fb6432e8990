/** What was made for a key before; made now, where there is none. */
export function remember<K, T>(
  known: { get(key: K): T | undefined; set(key: K, value: T): unknown },
  key: K,
  make: () => T,
): T {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}
