import { posix } from 'node:path';
import { importsOf, type SourceFile } from './imports.ts';

/** Groups of files that import each other in a circle, directly or through others; imports of types count. Each is sorted by path. */
export function findCycles(files: readonly SourceFile[]): string[][] {
  const known = new Set(files.map(({ path }) => path));
  const edges = new Map(files.map((file) => [file.path, targetsOf(file).filter((target) => known.has(target))]));
  return components(edges).filter((group) => group.length > 1);
}

function targetsOf(file: SourceFile): string[] {
  return importsOf(file).flatMap(({ kind, specifier }) => {
    if (specifier?.startsWith('.') !== true || kind === 'url') return []; // a worker's address runs nothing here
    return [posix.join(posix.dirname(file.path), specifier).split('?')[0] ?? ''];
  });
}

/** Strongly connected components (Tarjan 1972). */
function components(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (path: string): number => {
    const own = index.size;
    index.set(path, own);
    low.set(path, own);
    stack.push(path);
    for (const target of edges.get(path) ?? []) {
      if (!index.has(target)) lower(path, visit(target));
      else if (stack.includes(target)) lower(path, index.get(target) ?? own);
    }
    const lowest = low.get(path) ?? own;
    if (lowest === own) found.push(stack.splice(stack.indexOf(path)).sort());
    return lowest;
  };
  const lower = (path: string, value: number): void => void low.set(path, Math.min(low.get(path) ?? value, value));
  for (const path of edges.keys()) if (!index.has(path)) visit(path);
  return found;
}
