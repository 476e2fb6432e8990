/** How a checkpoint on the Hub is written in one word: `hub:owner/name@revision`. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';

export const HUB_URL = 'https://huggingface.co';
const PREFIX = 'hub:';
const DEFAULT_REVISION = 'main';

export interface HubAddress {
  readonly repo: string; // owner/name
  readonly revision: string; // a branch, a tag or a commit
}

/** Null where the text is no address of this kind. Throws `bad-request` where it begins like one and is malformed. */
export function parseHubAddress(text: string): HubAddress | null {
  if (!text.startsWith(PREFIX)) return null;
  const [repo = '', ...revision] = text.slice(PREFIX.length).split('@');
  checkRepo(repo);
  return { repo, revision: revision.length === 0 ? DEFAULT_REVISION : revision.join('@') };
}

/** Throws `bad-request` where `repo` cannot be a repository's name. */
export function checkRepo(repo: string): void {
  if (/^[\w.-]+\/[\w.-]+$/.test(repo)) return;
  throw new LabError('bad-request', `“${shown(repo)}” is no repository of the Hub.`, 'Write it as owner/name.');
}

/** The address of a Hub or of a mirror, without a slash at its end. Throws `bad-request` where it is none. */
export function checkHubUrl(text: string): string {
  if (!/^https?:\/\/[^/]/.test(text) || !URL.canParse(text)) {
    throw new LabError('bad-request', `“${shown(text)}” is no address of a Hub.`, `The Hub’s own is ${HUB_URL}.`);
  }
  return text.replace(/\/+$/, '');
}
