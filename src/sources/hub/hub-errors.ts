/** Converts the Hub's error responses to errors that name the repository and revision and say what to do. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';

/** What was requested. */
export interface HubSubject {
  readonly hubUrl: string;
  readonly repo: string;
  readonly revision: string | null; // null: the repository itself
  readonly hasToken: boolean;
}

/**
 * The error for a response that is not `ok`. The Hub answers 401 both for private repositories and for ones that do not exist, so as
 * not to reveal which; gated ones say so in X-Error-Code.
 */
export function hubError({ status, headers }: Pick<Response, 'status' | 'headers'>, subject: HubSubject): LabError {
  const { hubUrl, repo, revision, hasToken } = subject;
  const name = nameOf(subject);
  const host = shown(new URL(hubUrl).host);
  const code = headers.get('X-Error-Code');
  if (code === 'GatedRepo') {
    const problem = hasToken
      ? `${name}: access is restricted, and the access token’s account has not been granted access.`
      : `${name}: access is restricted to users who have accepted its terms.`;
    const login = hasToken ? '' : ', then enter an access token of that account';
    return new LabError('fetch', problem, `Accept its terms at ${shown(`${hubUrl}/${repo}`)}${login}.`);
  }
  if (code === 'RevisionNotFound') {
    const nextStep = 'Check the spelling against the list of branches and tags.';
    return new LabError('not-found', `${shown(repo)} has no revision “${shown(revision ?? '')}”.`, nextStep);
  }
  if (status === 401 && hasToken) {
    const problem = `${host} rejected the access token for ${name}.`;
    return new LabError('fetch', problem, 'Check the token, or leave it empty if the repository is public.');
  }
  if (status === 401 || status === 404 || code === 'RepoNotFound') {
    const problem = `${name} was not found on ${host}: it does not exist, or it is private.`;
    const login = hasToken ? 'use an access token that can read it' : 'enter an access token that can read it';
    return new LabError('not-found', problem, `Check the spelling; if it is private, ${login}.`);
  }
  if (status === 403) {
    const nextStep = hasToken
      ? 'Give the access token permission to read this repository, or use another one.'
      : 'Enter an access token that can read it.';
    return new LabError('fetch', `${host} denied access to ${name} (403).`, nextStep);
  }
  if (status === 429) {
    const nextStep = hasToken
      ? 'Try again in a few minutes.'
      : 'Try again in a few minutes. The limit is higher with an access token.';
    return new LabError('fetch', `${host} takes no more requests for now (429), asked for ${name}.`, nextStep);
  }
  return new LabError('fetch', `${host} answered ${status} to the request for ${name}.`, 'Try again later.');
}

/** The error for a failure of the storage that the Hub redirects to, such as an expired link. */
export function storageError({ status, url }: Response, subject: Pick<HubSubject, 'repo' | 'revision'>): LabError {
  const problem = `${shown(new URL(url).host)}, where the Hub stores its files, answered ${status} for a file of ${nameOf(subject)}.`;
  return new LabError('fetch', problem, 'Try again later.');
}

function nameOf({ repo, revision }: Pick<HubSubject, 'repo' | 'revision'>): string {
  return shown(revision === null ? repo : `${repo}@${revision}`);
}
