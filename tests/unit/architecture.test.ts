import { describe, expect, it, vi } from 'vitest';
import { findCycles } from './architecture/cycles.ts';
import { findViolations } from './architecture/edges.ts';
import { importsOf } from './architecture/imports.ts';
import { sourceFiles } from './architecture/source-files.ts';

vi.setConfig({ testTimeout: 30_000 }); // every file is parsed, which a busy machine takes its time for

const MAX_LINES = 300; // a file that grows past it has a second reason to change

describe('imports', () => {
  it('run one way between the layers', () => {
    const files = sourceFiles(['src', 'workers', 'cli'], ['.ts', '.svelte']);
    expect(files.length).toBeGreaterThan(10);
    expect(findViolations(files)).toEqual([]);
  });
});

describe('cycles of imports', () => {
  it('do not exist, imports of types included', () => {
    expect(findCycles(sourceFiles(['src', 'workers', 'cli', 'bench', 'tests'], ['.ts', '.svelte']))).toEqual([]);
  });

  it('are found, through other files and by type', () => {
    const files = [
      { path: 'src/core/a.ts', text: "import { b } from './b.ts';" },
      { path: 'src/core/b.ts', text: "import type { C } from './c.ts';" },
      { path: 'src/core/c.ts', text: "export { a } from './a.ts';" },
      { path: 'src/core/d.ts', text: "import { a } from './a.ts';" },
    ];
    expect(findCycles(files)).toEqual([['src/core/a.ts', 'src/core/b.ts', 'src/core/c.ts']]);
  });
});

describe('the import checker', () => {
  it.each([
    ['src/core/a.ts', "import { x } from '../formats/x.ts';"],
    ['src/core/a.ts', "import 'comlink';"],
    ['src/formats/a.ts', "export * from '../engine/x.ts';"],
    ['src/formats/a.ts', "import ort from 'onnxruntime-web/jspi';"],
    ['src/engine/a.ts', "import type { X } from '../sources/x.ts';"],
    ['src/engine/a.ts', "const x = await import('../labs/x.ts');"],
    ['src/engine/a.ts', 'const x = await import(`../labs/${name}.ts`);'],
    ['src/sources/a.ts', "import { X } from '../engine/x.ts';"],
    ['src/labs/a.ts', "let x: import('../sources/x.ts').X;"],
    ['src/labs/a.ts', "import * as ort from 'onnxruntime-common';"],
    ['workers/steer.worker.ts', "import { X } from '../src/state/x.ts';"],
    ['src/rpc/a.ts', "import { x } from '../labs/x.ts';"],
    ['src/rpc/a.ts', "import x from '../../workers/steer.worker.ts?worker';"],
    ['src/state/a.svelte.ts', "new Worker(new URL('../../workers/steer.worker.ts', import.meta.url));"],
    ['src/charts/a.ts', "import { X } from '../state/x.ts';"],
    ['src/findings/a.ts', "import { x } from '../formats/x.ts';"],
    ['src/components/A.svelte', '<script lang="ts">import { X } from "../state/x.svelte.ts";</script><p>x</p>'],
    ['src/views/A.svelte', '<script module lang="ts">export { x } from "../rpc/x.ts";</script>'],
    ['src/views/A.svelte', '{#await import("../engine/x.ts") then x}{x}{/await}'],
    ['src/App.svelte', '<script lang="ts">import type { X } from "./engine/x.ts";</script>'],
    ['cli/a.ts', "import { X } from '../src/state/x.ts';"],
    ['src/elsewhere/a.ts', "import '../core/x.ts';"],
    ['src/core/a.ts', "import data from '../../public/data.json';"],
  ])('reports %s: %s', (path, text) => {
    expect(findViolations([{ path, text }])).toHaveLength(1);
  });

  it.each([
    ['src/core/a.ts', "import { x } from './x.ts';"],
    ['src/formats/a.ts', "import { x } from '../core/x.ts'; import Pbf from 'pbf';"],
    ['src/engine/a.ts', "import url from 'onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url';"],
    ['src/sources/a.ts', "import type { X } from '../engine/x.ts';"],
    ['src/rpc/a.ts', "new Worker(new URL('../../workers/steer.worker.ts', import.meta.url), { type: 'module' });"],
    ['src/rpc/a.ts', "import type { X } from '../labs/x.ts';"],
    ['src/findings/a.ts', "import type { X } from '../formats/x.ts';"],
    ['src/core/a.ts', "// import '../engine/x.ts'\nconst text = \"import '../engine/x.ts'\";"],
    ['src/views/steer/A.svelte', '<script lang="ts">import B from "../../components/B.svelte";</script><B />'],
    ['cli/lab.ts', "import { parseArgs } from 'node:util'; import { x } from '../src/labs/x.ts';"],
  ])('accepts %s: %s', (path, text) => {
    expect(findViolations([{ path, text }])).toEqual([]);
  });

  it('tells types from values', () => {
    const text = `
      import type { A } from './a.ts';
      import { type B } from './b.ts';
      export type { C } from './c.ts';
      type D = import('./d.ts').D;
    `;
    expect(importsOf({ path: 'src/core/x.ts', text }).map(({ kind }) => kind)).toEqual([
      'type',
      'value', // verbatimModuleSyntax keeps this import
      'type',
      'type',
    ]);
  });
});

describe('files', () => {
  const files = sourceFiles(
    ['src', 'workers', 'cli', 'tests', 'bench', 'tools'],
    ['.ts', '.svelte', '.css', '.js', '.html', '.py'],
  );

  it(`have at most ${MAX_LINES} lines`, () => {
    const long = files.filter(({ text }) => text.split('\n').length > MAX_LINES + 1);
    expect(long.map(({ path, text }) => `${path}: ${text.split('\n').length - 1}`)).toEqual([]);
  });

  it('are named after what they hold', () => {
    const vague = /(^|[/_.-])(utils?|helpers?|common|misc)[/_.-]/i;
    expect(files.map(({ path }) => path).filter((path) => vague.test(path))).toEqual([]);
  });
});
