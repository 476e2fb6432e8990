/** Where files come from: `/resolve/` at the Hub, which redirects, and the two places that it redirects to. */
import { createHash } from 'node:crypto';
import { splitRevision } from './api-routes.ts';
import type { RepoFile, Repository } from './catalogue.ts';
import { sendError, type Exchange } from './exchange.ts';
import { sendFile } from './send-file.ts';

export interface StorageAddress {
  readonly cdnUrl: string;
  readonly secret: string;
  linksGiven: number; // each is signed with its number
  linksExpired: number; // so many of them
}

/** `/<id>/resolve/<revision>/<file>`: a small file lies at the Hub, one of LFS at another origin behind a signed link. */
export async function answerResolve(
  exchange: Exchange,
  repo: Repository,
  rest: string,
  storage: StorageAddress,
): Promise<void> {
  const { response, faults, origin } = exchange;
  const { revision, path } = splitRevision(repo, rest.split('/'));
  const commit = repo.commitOf(revision);
  if (commit === null) {
    sendError(exchange, 404, `Invalid rev id: ${revision}`, 'RevisionNotFound');
    return;
  }
  response.setHeader('X-Repo-Commit', commit);
  const file = repo.filesOf(commit).get(path);
  if (file === undefined) {
    sendError(exchange, 404, 'Entry not found', 'EntryNotFound');
    return;
  }
  response.setHeader('X-Linked-ETag', `"${await etagOf(file)}"`);
  response.setHeader('X-Linked-Size', file.content.byteLength);
  response.setHeader('Accept-Ranges', 'bytes');
  const elsewhere = `${repo.type}s/${repo.id}/${commit}/${encodeURI(path)}`;
  if (file.isLfs || faults.take(origin, exchange.path, ['redirect']) !== null) {
    const link = ++storage.linksGiven;
    const query = `Expires=${link}&Signature=${sign(elsewhere, link, storage.secret)}`;
    redirect(exchange, 302, `${storage.cdnUrl}/storage/${elsewhere}?${query}`);
  } else {
    redirect(exchange, 307, `/api/resolve-cache/${elsewhere}`);
  }
}

function redirect({ response }: Exchange, status: number, location: string): void {
  response.writeHead(status, { Location: location, 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' });
  response.end(`Found. Redirecting to ${location}`);
}

/** `<commit>/<file>`, where `/resolve/` redirected to. */
export async function answerStored(exchange: Exchange, repo: Repository, rest: string): Promise<void> {
  const [commit = '', ...parts] = rest.split('/');
  const file = repo.filesOf(commit).get(parts.join('/'));
  if (file === undefined) sendError(exchange, 404, 'Entry not found', 'EntryNotFound');
  else await sendFile(exchange, file, `${repo.id}/${file.path}`, await etagOf(file));
}

/** As object stores do: a link that has run out is refused, and so is a request that is signed twice. */
export function isLinkValid({ url, token, response }: Exchange, storage: StorageAddress): boolean {
  const link = Number(url.searchParams.get('Expires'));
  const signature = url.searchParams.get('Signature');
  const signed = url.pathname.replace('/storage/', '');
  if (token !== null) response.writeHead(400).end('Only one auth mechanism allowed');
  else if (signature !== sign(signed, link, storage.secret)) response.writeHead(403).end('Wrong signature');
  else if (link <= storage.linksExpired) response.writeHead(403).end('Request has expired');
  else return true;
  return false;
}

function sign(path: string, link: number, secret: string): string {
  return createHash('sha256').update(`${secret} ${path} ${link}`).digest('hex').slice(0, 32);
}

async function etagOf(file: RepoFile): Promise<string> {
  return file.isLfs ? file.content.sha256() : file.oid();
}
