/** Answers of the Hub, or of what stands at the address of a mirror: lists of branches, commits and files. */
import fc from 'fast-check';
import { openHubCheckpoint } from '../../../src/sources/hub/hub-repo.ts';
import { listRefs } from '../../../src/sources/hub/refs.ts';
import { anyJson, oddName, type Json } from '../harness/spoilt-json.ts';
import { defineTarget, hold, type FuzzTarget } from '../harness/target.ts';

const COMMIT = 'b6'.repeat(20);
const ref = fc.oneof(fc.constantFrom('main', 'step10', 'step9'), oddName).map((name) => ({ name, ref: `refs/heads/${name}`, targetCommit: COMMIT })); // prettier-ignore
const refs: fc.Arbitrary<Json> = fc.record({ branches: fc.array(ref, { maxLength: 4 }), tags: fc.array(ref, { maxLength: 2 }), converts: fc.constant([]) }); // prettier-ignore

const info: fc.Arbitrary<Json> = fc.constant({ _id: '1', id: 'a/b', private: false, sha: COMMIT, downloads: 1, likes: 1, lastModified: '2025-01-01T00:00:00.000Z', gated: false }); // prettier-ignore
const path = fc.oneof(fc.constantFrom('config.json', 'model.safetensors', 'a/b.json', '../x'), oddName);
const file = fc.oneof(
  path.map((name): Json => ({ type: 'file', oid: COMMIT, size: 10, path: name })),
  path.map((name): Json => ({ type: 'file', oid: COMMIT, size: 1e9, path: name, lfs: { oid: 'c7'.repeat(32), size: 1e9, pointerSize: 134 } })), // prettier-ignore
  fc.constant<Json>({ type: 'directory', oid: COMMIT, size: 0, path: 'a' }),
);
const tree: fc.Arbitrary<Json> = fc.array(file, { maxLength: 4 });

interface Answers {
  readonly refs: string;
  readonly info: string;
  readonly tree: string;
}

const answers = fc.record({ refs: anyJson(refs), info: fc.oneof(anyJson(info), fc.constant(JSON.stringify({ id: 'a/b', sha: COMMIT }))), tree: anyJson(tree) }); // prettier-ignore

/** A server that says what it is told to, and says it once. */
const fetchOf =
  (texts: Answers): typeof fetch =>
  (input) => {
    const url = input instanceof Request ? input.url : String(input);
    const text = url.endsWith('/refs') ? texts.refs : url.includes('/tree/') ? texts.tree : texts.info;
    return Promise.resolve(new Response(text, { headers: { 'content-type': 'application/json' } }));
  };

async function checkRefs(texts: Answers): Promise<void> {
  for (const { name, commit } of await listRefs({ fetch: fetchOf(texts), repo: 'a/b' })) {
    hold(typeof name === 'string' && name !== '', 'a branch has a name');
    hold(/^[0-9a-f]{40}$/.test(commit), 'a branch has a commit');
  }
}

async function checkRepo(texts: Answers): Promise<void> {
  const repo = await openHubCheckpoint({ fetch: fetchOf(texts), repo: 'a/b', revision: 'main' });
  hold(repo.commit === COMMIT || /^[0-9a-f]{40}$/.test(repo.commit), 'a repository has a commit');
  for (const { path: name, bytes, sha256 } of repo.files) {
    hold(typeof name === 'string' && name !== '', 'a file has a name');
    hold(Number.isSafeInteger(bytes) && bytes >= 0, 'a file’s size is a count');
    hold(sha256 === null || /^[0-9a-f]{64}$/.test(sha256), 'a digest is one');
    const source = await repo.open(name);
    hold(source?.byteLength === bytes || repo.files.some((other) => other.path === name && other.bytes !== bytes), 'a file is as long as it is listed'); // prettier-ignore
  }
}

export const HUB_TARGETS: readonly FuzzTarget[] = [
  defineTarget('hub-refs', answers, checkRefs),
  defineTarget('hub-repo', answers, checkRepo),
];
