import { posix } from 'node:path';
import { type Import, type ImportKind, importsOf, type SourceFile } from './imports.ts';

interface Layer {
  readonly values: readonly string[]; // layers that it may import
  readonly types?: readonly string[]; // layers of which it may import types as well
  readonly urls?: readonly string[]; // layers that it may start by address
  readonly packages?: readonly string[]; // npm packages and `node:`
}

/** Who may talk to whom: one way only, the page never to anything of the workers but their types. */
const LAYERS: Readonly<Record<string, Layer>> = {
  core: { values: ['core'], packages: ['ml-matrix'] },
  formats: { values: ['core', 'formats'], packages: ['pbf', 'hyparquet', 'hyparquet-compressors'] },
  engine: {
    values: ['core', 'formats', 'engine'],
    packages: [
      'onnxruntime-web',
      'onnxruntime-common',
      '@huggingface/tokenizers',
      '@huggingface/jinja',
      'hash-wasm',
      '@zip.js/zip.js',
    ],
  },
  sources: { values: ['core', 'formats', 'sources'], types: ['engine'], packages: ['idb-keyval', '@huggingface/hub'] },
  labs: { values: ['core', 'formats', 'engine', 'labs'] },
  threads: { values: ['core', 'threads'] },
  worker: {
    values: ['core', 'formats', 'engine', 'sources', 'labs', 'threads', 'rpc', 'worker'],
    urls: ['worker'],
    packages: ['comlink'],
  },
  rpc: { values: ['core', 'threads', 'rpc'], types: ['labs'], urls: ['worker'], packages: ['comlink'] },
  findings: { values: ['core', 'findings'], types: ['formats'] },
  state: { values: ['core', 'state'], types: ['formats', 'engine', 'labs', 'rpc'], packages: ['svelte'] },
  charts: { values: ['core', 'charts'], types: ['formats'], packages: ['echarts', 'svelte'] },
  components: { values: ['core', 'components'], packages: ['svelte'] },
  views: {
    values: ['core', 'findings', 'state', 'charts', 'components', 'views'],
    types: ['formats', 'engine', 'labs'],
    packages: ['svelte'],
  },
  styles: { values: ['styles'] },
  app: { values: ['core', 'rpc', 'state', 'components', 'views', 'styles', 'app'], packages: ['svelte'] },
  cli: { values: ['core', 'formats', 'engine', 'sources', 'labs', 'findings', 'cli'], packages: ['node:'] },
};

export interface Violation {
  readonly path: string;
  readonly kind: ImportKind;
  readonly specifier: string | null;
  readonly reason: string;
}

/** Every import among `files` that the layers do not allow. */
export function findViolations(files: readonly SourceFile[]): Violation[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((edge) => {
      const reason = objection(file.path, edge);
      return reason === null ? [] : [{ path: file.path, ...edge, reason }];
    }),
  );
}

function objection(path: string, { kind, specifier }: Import): string | null {
  const from = layerOf(path);
  const layer = from === null ? undefined : LAYERS[from];
  if (from === null || layer === undefined) return 'lies in no layer';
  if (specifier === null) return 'imports something computed, which cannot be checked';
  if (!specifier.startsWith('.')) {
    const allowed = (layer.packages ?? []).some((name) => isFromPackage(specifier, name));
    return allowed ? null : `${from} may not import the package ${specifier}`;
  }
  const [target = ''] = posix.join(posix.dirname(path), specifier).split('?');
  const to = layerOf(target);
  if (to === null) return `${target} lies in no layer`;
  const allowed = {
    value: layer.values,
    type: [...layer.values, ...(layer.types ?? [])],
    url: [...layer.values, ...(layer.urls ?? [])],
  }[kind];
  return allowed.includes(to) ? null : `${from} may not import ${kind}s of ${to}`;
}

function layerOf(path: string): string | null {
  const [room, folder, ...rest] = path.split('/');
  if (room === 'workers') return 'worker';
  if (room === 'cli') return 'cli';
  if (room !== 'src' || folder === undefined) return null;
  if (rest.length === 0) return 'app'; // src/main.ts, src/App.svelte
  return Object.hasOwn(LAYERS, folder) ? folder : null;
}

function isFromPackage(specifier: string, name: string): boolean {
  return name.endsWith(':') ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`);
}
