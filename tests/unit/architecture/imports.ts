import { parse } from 'svelte/compiler';
import ts from 'typescript';

export interface SourceFile {
  readonly path: string; // from the repository root, with forward slashes
  readonly text: string;
}

/** `type` edges vanish when built; `url` is `new URL(specifier, import.meta.url)`, how workers are addressed. */
export type ImportKind = 'value' | 'type' | 'url';

export interface Import {
  readonly kind: ImportKind;
  readonly specifier: string | null; // null: a dynamic import of something computed
}

/** Every import of a TypeScript or Svelte file: static, re-export, dynamic, `import('…').Type` and worker addresses. */
export function importsOf(file: SourceFile): Import[] {
  const scripts = file.path.endsWith('.svelte') ? svelteScripts(file.text) : [file.text];
  return scripts.flatMap((script) => {
    const found: Import[] = [];
    const visit = (node: ts.Node): void => {
      const edge = importAt(node);
      if (edge !== null) found.push(edge);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile('script.ts', script, ts.ScriptTarget.ESNext, true, ts.ScriptKind.TS));
    return found;
  });
}

function importAt(node: ts.Node): Import | null {
  if (ts.isImportDeclaration(node)) {
    // `import { type A }` still loads the module under verbatimModuleSyntax; only `import type` does not.
    return edge(
      node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'type' : 'value',
      node.moduleSpecifier,
    );
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return edge(node.isTypeOnly ? 'type' : 'value', node.moduleSpecifier);
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return edge('type', node.argument.literal);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return edge('value', node.arguments[0]);
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'URL') {
    const [specifier, base] = node.arguments ?? [];
    if (base?.getText() === 'import.meta.url') return edge('url', specifier);
  }
  return null;
}

function edge(kind: ImportKind, specifier: ts.Node | undefined): Import {
  const literal = specifier !== undefined && ts.isStringLiteralLike(specifier);
  return { kind, specifier: literal ? specifier.text : null };
}

/** The scripts of a component, and the expressions of its markup that import something. */
function svelteScripts(text: string): string[] {
  const scripts: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, start, end } = node as { type?: unknown; start?: number; end?: number };
    if (type === 'Program' || type === 'ImportExpression') scripts.push(text.slice(start, end));
    else Object.values(node).forEach(visit);
  };
  visit(parse(text, { modern: true }));
  return scripts;
}
