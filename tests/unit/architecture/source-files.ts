import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { SourceFile } from './imports.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const NOT_OURS = new Set(['node_modules', 'fixtures', '.output', '__pycache__']);

/** The files below `folders` (from the repository root) whose name ends in one of `extensions`. */
export function sourceFiles(folders: readonly string[], extensions: readonly string[]): SourceFile[] {
  return folders
    .map((folder) => join(ROOT, folder))
    .filter(existsSync)
    .flatMap(filesBelow)
    .filter((file) => extensions.some((extension) => file.endsWith(extension)))
    .map((file) => ({ path: relative(ROOT, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}
