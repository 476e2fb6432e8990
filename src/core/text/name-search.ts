/** Those items whose names hold every word of `text`, in whatever order and case. */
export function searchByName<T extends { readonly name: string }>(items: readonly T[], text: string): T[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return items.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
}
