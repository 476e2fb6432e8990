/** One request and the answers to it that every route gives: JSON, errors as the Hub words them, CORS headers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Faults } from './faults.ts';
import type { Traffic } from './traffic.ts';

/** What the Hub lets pages of other origins read. */
const EXPOSED =
  'X-Repo-Commit,X-Request-Id,X-Error-Code,X-Error-Message,X-Total-Count,ETag,Link,Accept-Ranges,Content-Range,X-Linked-Size,X-Linked-ETag,X-Xet-Hash';

export interface Exchange {
  readonly origin: 'hub' | 'cdn';
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL; // as asked, on the server's own address
  readonly path: string; // decoded
  readonly token: string | null; // of the Authorization header
  readonly faults: Faults;
  readonly traffic: Traffic;
}

/** Headers without which a browser hides the answer from a page. The storage behind the Hub answers everybody alike. */
export function setCorsHeaders({ origin, request, response }: Pick<Exchange, 'origin' | 'request' | 'response'>): void {
  response.setHeader('Access-Control-Expose-Headers', EXPOSED);
  if (origin === 'cdn') {
    response.setHeader('Access-Control-Allow-Origin', '*');
    return;
  }
  response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? 'https://huggingface.co');
  response.setHeader('Vary', 'Origin');
}

/** Answers the question that a browser asks before a request with headers of its own. */
export function answerPreflight({ origin, request, response }: Exchange): void {
  const asked = request.headers['access-control-request-headers'] ?? '';
  response.writeHead(204, {
    'Access-Control-Allow-Methods': origin === 'hub' ? 'GET,HEAD,POST' : 'GET,HEAD',
    'Access-Control-Allow-Headers': origin === 'hub' ? asked : 'range', // the storage takes no Authorization
    'Access-Control-Max-Age': '86400',
  });
  response.end();
}

export function sendJson({ response }: Exchange, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
  const body = JSON.stringify(value);
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', ...headers });
  response.end(body);
}

/** An error as the Hub sends it: a code where it has one, the message in a header and in the body. */
export function sendError({ response }: Exchange, status: number, message: string, code?: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'X-Error-Message': message,
    ...(code === undefined ? {} : { 'X-Error-Code': code }),
    ...(status === 401 ? { 'WWW-Authenticate': 'Bearer realm="Authentication required", charset="UTF-8"' } : {}),
  });
  response.end(JSON.stringify({ error: message }));
}
