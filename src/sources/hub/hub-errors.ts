/** What the Hub's refusals mean, with the repository, the revision and what to do about it. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';

/** What was asked for. */
export interface HubSubject {
  readonly hubUrl: string;
  readonly repo: string;
  readonly revision: string | null; // null: the repository itself
  readonly hasToken: boolean;
}

/**
 * The error for an answer that is not `ok`. The Hub answers 401 for a repository that is private as for one that does not
 * exist, so as not to tell which; gated ones say so in X-Error-Code.
 */
export function hubError({ status, headers }: Pick<Response, 'status' | 'headers'>, subject: HubSubject): LabError {
  const { hubUrl, repo, revision, hasToken } = subject;
  const name = nameOf(subject);
  const host = shown(new URL(hubUrl).host);
  const code = headers.get('X-Error-Code');
  if (code === 'GatedRepo') {
    const problem = hasToken
      ? `${name}: access is restricted, and the access token’s account has not been let in.`
      : `${name}: access is restricted to those who accepted its terms.`;
    const login = hasToken ? '' : ', then enter an access token of that account';
    return new LabError('fetch', problem, `Accept its terms at ${shown(`${hubUrl}/${repo}`)}${login}.`);
  }
  if (code === 'RevisionNotFound') {
    const nextStep = 'Check its spelling against the list of branches and tags.';
    return new LabError('not-found', `${shown(repo)} has no revision “${shown(revision ?? '')}”.`, nextStep);
  }
  if (status === 401 && hasToken) {
    const problem = `${host} did not accept the access token when asked for ${name}.`;
    return new LabError('fetch', problem, 'Check the token, or leave it out where the repository is public.');
  }
  if (status === 401 || status === 404 || code === 'RepoNotFound') {
    const problem = `${name} is not to be found on ${host}: it does not exist, or it is private.`;
    const login = hasToken ? 'use an access token that may read it' : 'enter an access token that may read it';
    return new LabError('not-found', problem, `Check its spelling; if it is private, ${login}.`);
  }
  if (status === 403) {
    const nextStep = hasToken
      ? 'Give the access token the right to read this repository, or use another one.'
      : 'Enter an access token that may read it.';
    return new LabError('fetch', `${host} refuses to show ${name} (403).`, nextStep);
  }
  if (status === 429) {
    const nextStep = hasToken
      ? 'Try again in a few minutes.'
      : 'Try again in a few minutes. The limit is higher with an access token.';
    return new LabError('fetch', `${host} takes no more requests for now (429), asked for ${name}.`, nextStep);
  }
  return new LabError('fetch', `${host} answered ${status} when asked for ${name}.`, 'Try again in a while.');
}

/** The error for a refusal of the storage that the Hub redirects to: an expired link, a store that is down. */
export function storageError({ status, url }: Response, subject: Pick<HubSubject, 'repo' | 'revision'>): LabError {
  const problem = `${shown(new URL(url).host)}, where the Hub keeps its files, answered ${status} for one of ${nameOf(subject)}.`;
  return new LabError('fetch', problem, 'Try again in a while.');
}

function nameOf({ repo, revision }: Pick<HubSubject, 'repo' | 'revision'>): string {
  return shown(revision === null ? repo : `${repo}@${revision}`);
}
