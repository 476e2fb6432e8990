/** Lists the branches and tags of a repository, for which `@huggingface/hub` has no function. */
import { LabError } from '../../core/errors.ts';
import { shown } from '../../core/text/quote.ts';
import { isJsonObject, parseJsonObject } from '../../formats/bytes/json.ts';
import { checkRepo } from './hub-address.ts';
import { connectToHub, type HubOptions } from './hub-fetch.ts';

export interface HubRef {
  readonly kind: 'branch' | 'tag';
  readonly name: string;
  readonly commit: string; // that it points to now
}

export interface ListRefsOptions extends HubOptions {
  readonly repo: string; // owner/name, of a model
}

const COMMIT = /^[0-9a-f]{40}$/;
const inNaturalOrder = new Intl.Collator('en', { numeric: true }); // step900 before step1000

/** All branches, then all tags, each in natural order. OLMo 3 7B has 1,487 branches: one response of about 200 kB. */
export async function listRefs(options: ListRefsOptions): Promise<HubRef[]> {
  const { repo } = options;
  checkRepo(repo);
  const { hubUrl, fetch } = connectToHub(options, { repo, revision: null });
  const response = await fetch(`${hubUrl}/api/models/${repo}/refs`);
  const name = `The list of branches of ${repo}`;
  const json = parseJsonObject(name, await response.text());
  const read = (value: unknown, kind: HubRef['kind']): HubRef[] => {
    if (!Array.isArray(value)) throw new LabError('format', `${shown(name)} is not in the Hub’s format.`, 'Try again.');
    return value
      .filter(isJsonObject)
      .flatMap(({ name: ref, targetCommit: commit }): HubRef[] => {
        const isRef = typeof ref === 'string' && ref !== '' && typeof commit === 'string' && COMMIT.test(commit);
        return isRef ? [{ kind, name: ref, commit }] : []; // a ref without a commit cannot be opened
      })
      .sort((a, b) => inNaturalOrder.compare(a.name, b.name));
  };
  return [...read(json['branches'], 'branch'), ...read(json['tags'], 'tag')];
}
