/** The address of a checkpoint on the Hub: `hub:owner/name@revision`. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';

export const HUB_URL = 'https://huggingface.co';
const PREFIX = 'hub:';
const DEFAULT_REVISION = 'main';

export interface HubAddress {
  readonly repo: string; // owner/name
  readonly revision: string; // a branch, a tag or a commit
}

/**
 * Parses an address; null if the text does not start with `hub:`.
 * @throws LabError `bad-request`, when the address is malformed
 */
export function parseHubAddress(text: string): HubAddress | null {
  if (!text.startsWith(PREFIX)) return null;
  const [repo = '', ...revision] = text.slice(PREFIX.length).split('@');
  checkRepo(repo);
  return { repo, revision: revision.length === 0 ? DEFAULT_REVISION : revision.join('@') };
}

/** @throws LabError `bad-request`, when `repo` cannot be a repository's name */
export function checkRepo(repo: string): void {
  if (/^[\w.-]+\/[\w.-]+$/.test(repo)) return;
  throw new LabError('bad-request', `“${shown(repo)}” is not a Hub repository.`, 'Write it as owner/name.');
}

/**
 * The address of a Hub or mirror, without a trailing slash.
 * @throws LabError `bad-request`, when it is not a web address
 */
export function checkHubUrl(text: string): string {
  if (!/^https?:\/\/[^/]/.test(text) || !URL.canParse(text)) {
    throw new LabError('bad-request', `“${shown(text)}” is not the address of a Hub.`, `The default is ${HUB_URL}.`);
  }
  return text.replace(/\/+$/, '');
}
