/** What lies under /api: information on a repository, its refs, its tree, and the paths that are asked for by name. */
import { text } from 'node:stream/consumers';
import type { RepoFile, Repository } from './catalogue.ts';
import { sendError, sendJson, type Exchange } from './exchange.ts';

const DEFAULT_PAGE = 1000; // entries of a tree in one answer, as on the Hub

/** Answers `/api/<type>s/<id>/<rest>`, `rest` being empty or one of the routes below. */
export async function answerApi(
  exchange: Exchange,
  repo: Repository,
  rest: string,
  pageSize = DEFAULT_PAGE,
): Promise<void> {
  const [route = '', ...parts] = rest.split('/');
  if (route === 'refs') {
    sendJson(exchange, { tags: repo.tags, branches: repo.branches, converts: [] });
    return;
  }
  const { revision, path } = splitRevision(repo, parts.length === 0 ? ['main'] : parts);
  const commit = repo.commitOf(revision);
  if (commit === null) {
    sendError(exchange, 404, `Invalid rev id: ${revision}`, 'RevisionNotFound');
    return;
  }
  const files = [...repo.filesOf(commit).values()];
  if (route === '' || route === 'revision') sendJson(exchange, information(repo, commit, files));
  else if (route === 'tree') await sendTree(exchange, files, path, pageSize);
  else if (route === 'paths-info') await sendPaths(exchange, files);
  else sendError(exchange, 404, 'Not found');
}

/** A revision may hold slashes, unescaped in some clients' addresses: the longest one that the repository knows. */
export function splitRevision(repo: Repository, parts: readonly string[]): { revision: string; path: string } {
  for (let count = parts.length; count > 1; count--) {
    const revision = parts.slice(0, count).join('/');
    if (repo.commitOf(revision) !== null) return { revision, path: parts.slice(count).join('/') };
  }
  return { revision: parts[0] ?? '', path: parts.slice(1).join('/') };
}

function information(repo: Repository, commit: string, files: readonly RepoFile[]): unknown {
  return {
    _id: commit.slice(0, 24),
    id: repo.id,
    [repo.type === 'model' ? 'modelId' : 'datasetId']: repo.id,
    sha: commit,
    lastModified: '2025-11-20T00:00:00.000Z',
    private: repo.access?.kind === 'private',
    gated: repo.access?.kind === 'gated' ? 'manual' : false,
    downloads: 0,
    likes: 0,
    pipeline_tag: 'text-generation',
    tags: [],
    siblings: files.map(({ path }) => ({ rfilename: path })),
  };
}

async function describe(file: RepoFile): Promise<unknown> {
  const { path, content, isLfs } = file;
  const plain = { type: 'file', oid: await file.oid(), size: content.byteLength, path };
  if (!isLfs) return plain;
  return { ...plain, lfs: { oid: await content.sha256(), size: content.byteLength, pointerSize: 134 } };
}

async function sendTree(
  exchange: Exchange,
  files: readonly RepoFile[],
  folder: string,
  pageSize: number,
): Promise<void> {
  const { url } = exchange;
  const isRecursive = url.searchParams.get('recursive') === 'true';
  const prefix = folder === '' ? '' : `${folder}/`;
  const inside = files.filter(({ path }) => path.startsWith(prefix));
  if (folder !== '' && inside.length === 0) {
    sendError(exchange, 404, 'Entry not found', 'EntryNotFound');
    return;
  }
  const entries = new Map<string, RepoFile | null>(); // null: a folder
  for (const file of inside) {
    const parts = file.path.slice(prefix.length).split('/');
    const deepest = isRecursive ? parts.length - 1 : Math.min(1, parts.length - 1);
    for (let depth = 1; depth <= deepest; depth++) entries.set(prefix + parts.slice(0, depth).join('/'), null);
    if (isRecursive || parts.length === 1) entries.set(file.path, file);
  }
  const all = [...entries];
  const start = Number(url.searchParams.get('cursor') ?? 0);
  const end = start + Number(url.searchParams.get('limit') ?? pageSize);
  const page = all.slice(start, end).map(([path, file]) => {
    const folderEntry = { type: 'directory', oid: '0'.repeat(40), size: 0, path };
    return file === null ? Promise.resolve(folderEntry) : describe(file);
  });
  const next = new URL(url);
  next.searchParams.set('cursor', String(end));
  sendJson(exchange, await Promise.all(page), end < all.length ? { Link: `<${next.href}>; rel="next"` } : {});
}

async function sendPaths(exchange: Exchange, files: readonly RepoFile[]): Promise<void> {
  const { request } = exchange;
  const body = await text(request);
  const isJson = request.headers['content-type']?.startsWith('application/json') === true;
  const paths = isJson ? (JSON.parse(body) as { paths?: string[] }).paths : new URLSearchParams(body).getAll('paths');
  sendJson(exchange, await Promise.all(files.filter(({ path }) => paths?.includes(path) === true).map(describe)));
}
