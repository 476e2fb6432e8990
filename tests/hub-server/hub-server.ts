/**
 * A server that speaks the Hugging Face Hub's protocol on this machine: repositories described by plain objects, redirects
 * to a second origin, byte ranges, and every fault that a network has. For tests, the command line and benches.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerApi } from './api-routes.ts';
import { Repository, type RepoDescription } from './catalogue.ts';
import { answerPreflight, sendError, setCorsHeaders, type Exchange } from './exchange.ts';
import { Faults } from './faults.ts';
import { answerResolve, answerStored, isLinkValid, type StorageAddress } from './file-routes.ts';
import { Traffic } from './traffic.ts';

export interface HubServerOptions {
  readonly treePageSize?: number;
  readonly port?: number;
}

export interface HubServer {
  readonly url: string; // without a slash at its end
  readonly cdnUrl: string; // the origin that files of LFS come from
  readonly faults: Faults;
  readonly traffic: Traffic;
  add(repo: RepoDescription): void;
  /** The links to the other origin that were given out so far have run out, which the Hub's do in an hour. */
  expireLinks(): void;
  close(): Promise<void>;
}

export async function startHubServer(
  repos: readonly RepoDescription[],
  options: HubServerOptions = {},
): Promise<HubServer> {
  const known = new Map<string, Repository>();
  const add = (description: RepoDescription): void => {
    const repo = new Repository(description);
    known.set(`${repo.type}s/${repo.id}`, repo);
  };
  repos.forEach(add);
  const [faults, traffic] = [new Faults(), new Traffic()];
  const answer = (origin: 'hub' | 'cdn', handle: (exchange: Exchange) => Promise<void>) => {
    return (request: IncomingMessage, response: ServerResponse): void => {
      const exchange = open(origin, request, response, faults, traffic);
      if (startWithFault(exchange)) return;
      handle(exchange).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end(String(error));
      });
    };
  };
  const cdn = createServer(answer('cdn', (exchange) => answerCdn(exchange, known, storage)));
  const cdnUrl = await listen(cdn, 0);
  const storage = { cdnUrl, secret: randomUUID(), linksGiven: 0, linksExpired: 0 };
  const expireLinks = (): void => void (storage.linksExpired = storage.linksGiven);
  const hub = createServer(answer('hub', (exchange) => answerHub(exchange, known, storage, options)));
  const url = await listen(hub, options.port ?? 0);
  const close = async (): Promise<void> => {
    await Promise.all([hub, cdn].map(stop));
  };
  return { url, cdnUrl, faults, traffic, add, expireLinks, close };
}

function open(
  origin: 'hub' | 'cdn',
  request: IncomingMessage,
  response: ServerResponse,
  faults: Faults,
  traffic: Traffic,
): Exchange {
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
  const { authorization = null, range = null } = request.headers;
  const path = decodeURIComponent(url.pathname);
  const token = authorization?.replace(/^Bearer /, '') ?? null;
  traffic.log({ origin, method: request.method ?? '', path, range, authorization });
  setCorsHeaders({ origin, request, response });
  return { origin, request, response, url, path, token, faults, traffic };
}

/** Faults in place of an answer; a browser's preflights are answered in any case. */
function startWithFault({ origin, path, request, response, faults }: Exchange): boolean {
  if (request.method === 'OPTIONS') return false;
  const fault = faults.take(origin, path, ['status', 'drop', 'hang']);
  if (fault?.kind === 'status') response.writeHead(fault.status, fault.headers).end('This is a fault.');
  else if (fault?.kind === 'drop') response.destroy();
  return fault !== null;
}

/** Splits `<owner>/<name>/<rest>` off a path that starts with a repository. */
function splitRepo(known: ReadonlyMap<string, Repository>, type: string, path: string): [Repository | null, string] {
  const [owner = '', name = '', ...rest] = path.split('/');
  return [known.get(`${type}/${owner}/${name}`) ?? null, rest.join('/')];
}

async function answerHub(
  exchange: Exchange,
  known: ReadonlyMap<string, Repository>,
  storage: StorageAddress,
  { treePageSize }: HubServerOptions,
): Promise<void> {
  const { path, request } = exchange;
  if (request.method === 'OPTIONS') {
    answerPreflight(exchange);
    return;
  }
  const [, api, cached, type = 'models', inside = ''] =
    /^\/(api\/)?(resolve-cache\/)?(models|datasets)?\/?(.*)$/.exec(path) ?? [];
  const [repo, rest] = splitRepo(known, type, inside);
  const isFile = api === undefined || cached !== undefined;
  const refusal = refusalOf(exchange, repo, isFile);
  if (refusal !== null || repo === null) refusal?.();
  else if (cached !== undefined) await answerStored(exchange, repo, rest);
  else if (api !== undefined) await answerApi(exchange, repo, rest, treePageSize);
  else if (rest.startsWith('resolve/')) await answerResolve(exchange, repo, rest.slice('resolve/'.length), storage);
  else sendError(exchange, 404, 'Not found');
}

async function answerCdn(
  exchange: Exchange,
  known: ReadonlyMap<string, Repository>,
  storage: StorageAddress,
): Promise<void> {
  if (exchange.request.method === 'OPTIONS') {
    answerPreflight(exchange);
    return;
  }
  const [, type = '', inside = ''] = /^\/storage\/(models|datasets)\/(.*)$/.exec(exchange.path) ?? [];
  const [repo, rest] = splitRepo(known, type, inside);
  if (repo === null) sendError(exchange, 404, 'Not found');
  else if (isLinkValid(exchange, storage)) await answerStored(exchange, repo, rest);
}

/** Why the Hub would not show this repository to this token: it tells the absent from the private to nobody. */
function refusalOf(exchange: Exchange, repo: Repository | null, isFile: boolean): (() => void) | null {
  const { token } = exchange;
  const kind = repo?.access?.kind;
  const mayRead = token !== null && repo?.access?.tokens.includes(token) === true;
  if (repo === null || (kind === 'private' && !mayRead)) {
    return token === null
      ? () => sendError(exchange, 401, 'Invalid username or password.')
      : () => sendError(exchange, 404, 'Repository not found', 'RepoNotFound');
  }
  if (kind !== 'gated' || !isFile || mayRead) return null;
  const message = `Access to model ${repo.id} is restricted.`;
  return () => sendError(exchange, token === null ? 401 : 403, message, 'GatedRepo');
}

async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function stop(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections(); // stalled answers would keep it open
  });
}
