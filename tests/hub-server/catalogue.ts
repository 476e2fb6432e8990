/** The repositories that the server holds: revisions resolved to commits, files with the identities that the Hub shows. */
import { createHash } from 'node:crypto';
import { digestOf, servedFile, type RevisionFiles, type ServedFile } from './served-file.ts';

export type RepoType = 'model' | 'dataset';

/** A repository as a test describes it. */
export interface RepoDescription {
  readonly id: string; // owner/name
  readonly type?: RepoType;
  readonly branches: Readonly<Record<string, RevisionFiles>>; // branches of one and the same object share a commit
  readonly tags?: Readonly<Record<string, RevisionFiles>>;
  /** Tokens that may read. `gated`: everybody sees the listing; `private`: nobody else sees anything. By default public. */
  readonly access?: { readonly kind: 'gated' | 'private'; readonly tokens: readonly string[] };
}

export interface Ref {
  readonly name: string;
  readonly ref: string; // refs/heads/…, refs/tags/…
  readonly targetCommit: string;
}

export interface RepoFile {
  readonly path: string;
  readonly content: ServedFile;
  readonly isLfs: boolean;
  /** The git object's id: of the file, or of the pointer to it. */
  oid(): Promise<string>;
}

const LFS_ENDINGS = /\.(safetensors|bin|parquet|gguf|zip)$/; // of the Hub's default .gitattributes
const MAX_GIT_BYTES = 10 * 2 ** 20; // the Hub refuses larger files outside of LFS

export class Repository {
  readonly id: string;
  readonly type: RepoType;
  readonly access: RepoDescription['access'];
  readonly branches: readonly Ref[];
  readonly tags: readonly Ref[];
  readonly #files = new Map<string, ReadonlyMap<string, RepoFile>>(); // commit → path → file

  constructor({ id, type = 'model', branches, tags = {}, access }: RepoDescription) {
    this.id = id;
    this.type = type;
    this.access = access;
    const commits = new Map<RevisionFiles, string>();
    const refs = (kind: string, named: Readonly<Record<string, RevisionFiles>>): Ref[] =>
      Object.entries(named).map(([name, files]) => {
        const commit = commits.get(files) ?? sha1(`${type} ${id} ${kind} ${name}`);
        commits.set(files, commit);
        if (!this.#files.has(commit)) this.#files.set(commit, repoFiles(files));
        return { name, ref: `refs/${kind}/${name}`, targetCommit: commit };
      });
    this.branches = refs('heads', branches);
    this.tags = refs('tags', tags);
  }

  /** The commit of a branch, a tag or a commit's own name; null where there is none. */
  commitOf(revision: string): string | null {
    if (this.#files.has(revision)) return revision;
    const name = revision === 'HEAD' ? 'main' : revision;
    return [...this.branches, ...this.tags].find((ref) => ref.name === name)?.targetCommit ?? null;
  }

  filesOf(commit: string): ReadonlyMap<string, RepoFile> {
    return this.#files.get(commit) ?? new Map<string, RepoFile>();
  }
}

function repoFiles(files: RevisionFiles): ReadonlyMap<string, RepoFile> {
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([path, content]) => [path, repoFile(path, servedFile(content))]));
}

function repoFile(path: string, content: ServedFile): RepoFile {
  const isLfs = LFS_ENDINGS.test(path) || content.byteLength > MAX_GIT_BYTES;
  const oid = async (): Promise<string> => {
    if (!isLfs) return digestOf('sha1', content, `blob ${content.byteLength}\0`);
    const pointer = lfsPointer(await content.sha256(), content.byteLength);
    return sha1(`blob ${pointer.length}\0${pointer}`);
  };
  return { path, content, isLfs, oid };
}

/** What git holds in place of a file of LFS. */
export function lfsPointer(sha256: string, size: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`;
}

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');
